-- The files that a message carries: they never change, so they stand on its row.
ALTER TABLE message
    ADD COLUMN file_ids uuid[] NOT NULL DEFAULT '{}',
    ADD CONSTRAINT message_file_ids_check CHECK (cardinality(file_ids) <= 10 AND array_position(file_ids, NULL) IS NULL);
