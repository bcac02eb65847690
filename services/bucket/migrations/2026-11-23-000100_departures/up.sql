-- Users who were deleted lately, whose files are looked for now and again: a token of theirs may still be shown, and an
-- upload still be on its way.
CREATE TABLE departed_user (
    user_id uuid NOT NULL,
    departed_at timestamptz NOT NULL,
    look_at timestamptz NOT NULL,
    CONSTRAINT departed_user_pkey PRIMARY KEY (user_id)
);

CREATE INDEX departed_user_look_at_idx ON departed_user (look_at);

-- Whether a file stays only as long as a message carries it: those of places, and those of departed users.
ALTER TABLE file ADD COLUMN needs_carrier boolean NOT NULL DEFAULT false;
UPDATE file SET needs_carrier = true
WHERE bucket LIKE 'conversation-%' OR bucket LIKE 'thread-%' OR bucket LIKE 'inbox-%';
ALTER TABLE file ALTER COLUMN needs_carrier DROP DEFAULT;
