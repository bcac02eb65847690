-- A conversation carries what its list shows and what a send decides on, so that both are one statement.
-- No index on a column that a send changes: its updates stay on the page (HOT).
CREATE TABLE conversation (
    id uuid NOT NULL,
    is_group boolean NOT NULL,
    creator_id uuid NOT NULL,
    -- The members once more: a send that waited for this row must announce to those who are members then.
    member_ids uuid[] NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    record_version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    last_seq bigint NOT NULL DEFAULT 0,
    last_message_at timestamptz NOT NULL,
    last_message_id uuid,
    last_message_sender_id uuid,
    last_message_kind text,
    last_message_preview text,
    CONSTRAINT conversation_pkey PRIMARY KEY (id),
    CONSTRAINT conversation_last_seq_check CHECK (last_seq >= 0),
    CONSTRAINT conversation_member_ids_check CHECK (array_position(member_ids, NULL) IS NULL)
) WITH (fillfactor = 70);

-- One row per member, former ones too. unread = last_seq - greatest(read_seq, visible_from - 1) - uncounted.
CREATE TABLE participant (
    conversation_id uuid NOT NULL,
    user_id uuid NOT NULL,
    is_member boolean NOT NULL DEFAULT true,
    joined_at timestamptz NOT NULL,
    read_seq bigint NOT NULL DEFAULT 0,
    uncounted bigint NOT NULL DEFAULT 0,
    visible_from bigint NOT NULL DEFAULT 1,
    rev bigint NOT NULL DEFAULT 1,
    CONSTRAINT participant_pkey PRIMARY KEY (conversation_id, user_id),
    CONSTRAINT participant_watermark_check CHECK (read_seq >= 0 AND uncounted >= 0 AND visible_from >= 1 AND rev >= 1)
) WITH (fillfactor = 80);
CREATE INDEX participant_user_id_idx ON participant (user_id) INCLUDE (conversation_id) WHERE is_member;

CREATE TABLE message (
    conversation_id uuid NOT NULL,
    seq bigint NOT NULL,
    id uuid NOT NULL,
    sender_id uuid NOT NULL,
    kind text NOT NULL,
    content text NOT NULL,
    client_message_id text,
    is_active boolean NOT NULL DEFAULT true,
    record_version integer NOT NULL DEFAULT 1,
    sent_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT message_pkey PRIMARY KEY (conversation_id, seq),
    CONSTRAINT message_kind_check CHECK (kind IN ('text'))
);
CREATE INDEX message_id_idx ON message (id);
CREATE UNIQUE INDEX message_client_message_id_key ON message (conversation_id, sender_id, client_message_id)
    WHERE client_message_id IS NOT NULL;
