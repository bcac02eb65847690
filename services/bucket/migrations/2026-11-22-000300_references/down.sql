ALTER TABLE file DROP COLUMN is_withheld, DROP COLUMN orphaned_at;
DROP TABLE carrier;
