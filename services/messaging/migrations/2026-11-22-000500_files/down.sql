ALTER TABLE message DROP COLUMN file_ids;
