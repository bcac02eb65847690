-- Our copy of the bucket's files, fed by its events. Files never change, they only come and go.
CREATE TABLE known_file (
    id uuid NOT NULL,
    bucket text NOT NULL,
    original_name text NOT NULL,
    mime_type text NOT NULL,
    size bigint NOT NULL,
    is_active boolean NOT NULL,
    CONSTRAINT known_file_pkey PRIMARY KEY (id)
);
