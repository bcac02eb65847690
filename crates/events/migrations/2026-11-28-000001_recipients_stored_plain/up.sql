-- A thousand recipients are 45 KB: to compress them for the moment that they wait here took Postgres about as long as all else that
-- a send into a large group does, docs/performance.md.
ALTER TABLE outbox ALTER COLUMN recipients SET STORAGE EXTERNAL;
