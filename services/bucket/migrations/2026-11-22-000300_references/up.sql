-- The messages that carry a file, as their services told. Former ones stay: what is told late must not bring them back.
CREATE TABLE carrier (
    file_id uuid NOT NULL,
    source text NOT NULL,
    message_id uuid NOT NULL,
    is_active boolean NOT NULL,
    record_version integer NOT NULL,
    CONSTRAINT carrier_pkey PRIMARY KEY (file_id, source, message_id)
);

ALTER TABLE file
    -- Of files in the buckets of threads and conversations: since when no message carries it.
    ADD COLUMN orphaned_at timestamptz,
    -- A message carried it and none does any more: nobody may have it, unless one comes back in time.
    ADD COLUMN is_withheld boolean NOT NULL DEFAULT false;
CREATE INDEX file_orphaned_at_idx ON file (orphaned_at) WHERE orphaned_at IS NOT NULL;
UPDATE file SET orphaned_at = created_at WHERE bucket LIKE 'conversation-%' OR bucket LIKE 'thread-%';
