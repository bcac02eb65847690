DROP INDEX message_deleted_idx;
