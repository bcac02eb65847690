-- A message to a group of a thousand gives a thousand entries a new place in their lists, and each index that they stand in
-- a thousand new rows. One less: who looks for entries of a conversation finds them by their key. It takes
-- about half as long: docs/performance.md.
ALTER TABLE inbox_entry
    DROP CONSTRAINT inbox_entry_pkey,
    ADD CONSTRAINT inbox_entry_pkey PRIMARY KEY (source, conversation_id, user_id);
DROP INDEX inbox_entry_place_idx;

-- In large groups entries are brought up to the newest message afterwards, once for all that were said meanwhile.
ALTER TABLE inbox_place ADD COLUMN is_ahead boolean NOT NULL DEFAULT false;
CREATE INDEX inbox_place_ahead_idx ON inbox_place (source, conversation_id) WHERE is_ahead;
