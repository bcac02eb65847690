UPDATE inbox_entry AS e SET last_seq = p.last_seq, last_message_at = p.last_message_at
FROM inbox_place p
WHERE p.is_ahead AND e.source = p.source AND e.conversation_id = p.conversation_id;
ALTER TABLE inbox_place DROP COLUMN is_ahead;
CREATE INDEX inbox_entry_place_idx ON inbox_entry (source, conversation_id);
ALTER TABLE inbox_entry
    DROP CONSTRAINT inbox_entry_pkey,
    ADD CONSTRAINT inbox_entry_pkey PRIMARY KEY (user_id, source, conversation_id);
