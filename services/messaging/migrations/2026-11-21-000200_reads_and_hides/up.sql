-- Messages that a member read out of order: above their watermark, and yet read.
CREATE TABLE receipt (
    conversation_id uuid NOT NULL,
    user_id uuid NOT NULL,
    seq bigint NOT NULL,
    read_at timestamptz NOT NULL,
    CONSTRAINT receipt_pkey PRIMARY KEY (conversation_id, user_id, seq)
);
CREATE INDEX receipt_seq_idx ON receipt (conversation_id, seq);

-- Messages that a member deleted for themselves. Hiding isn't reading: whether they had read it is kept.
CREATE TABLE hide (
    conversation_id uuid NOT NULL,
    user_id uuid NOT NULL,
    seq bigint NOT NULL,
    had_read boolean NOT NULL,
    CONSTRAINT hide_pkey PRIMARY KEY (conversation_id, user_id, seq)
);
CREATE INDEX hide_seq_idx ON hide (conversation_id, seq);

ALTER TABLE participant
    -- How many messages since visible_from the member cannot see: deleted for all, or by them for themselves.
    ADD COLUMN absent bigint NOT NULL DEFAULT 0,
    -- While nothing newer than this was said, the member does not want to see the conversation.
    ADD COLUMN hidden_seq bigint,
    ADD CONSTRAINT participant_absent_check CHECK (absent >= 0);

-- The newest message is not the last number any more, once it can be deleted.
ALTER TABLE conversation
    ADD COLUMN last_message_seq bigint,
    ADD COLUMN last_message_sent_at timestamptz;
UPDATE conversation SET last_message_seq = last_seq, last_message_sent_at = last_message_at WHERE last_seq > 0;
