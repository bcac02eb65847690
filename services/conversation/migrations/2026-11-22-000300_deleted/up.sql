-- The few messages of a thread that are deleted: pages of the others are found around them.
CREATE INDEX message_deleted_idx ON message (thread_id, seq) WHERE NOT is_active;
