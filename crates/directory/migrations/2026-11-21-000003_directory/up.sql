-- Our copy of auth's users, fed by their events. (Messaging had this table before it was everybody's.)
CREATE TABLE IF NOT EXISTS known_user (
    id uuid NOT NULL,
    fullname text NOT NULL,
    avatar text,
    is_active boolean NOT NULL,
    record_version integer NOT NULL,
    timezone text,
    CONSTRAINT known_user_pkey PRIMARY KEY (id)
);
