-- A thread carries what its list shows. Unlike messaging's conversations it has an index on the time of its newest
-- message, though a send changes that: the staff list all threads by it.
CREATE TABLE thread (
    id uuid NOT NULL,
    listing_id uuid NOT NULL,
    sender_id uuid NOT NULL,
    receiver_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    last_seq bigint NOT NULL DEFAULT 0,
    -- How many of its messages are deleted.
    deleted bigint NOT NULL DEFAULT 0,
    last_message_at timestamptz NOT NULL,
    last_message_id uuid,
    last_message_seq bigint,
    last_message_sender_id uuid,
    last_message_kind text,
    last_message_preview text,
    last_message_sent_at timestamptz,
    CONSTRAINT thread_pkey PRIMARY KEY (id),
    CONSTRAINT thread_pair_check CHECK (sender_id <> receiver_id),
    CONSTRAINT thread_last_seq_check CHECK (deleted BETWEEN 0 AND last_seq)
) WITH (fillfactor = 70);
CREATE INDEX thread_last_message_at_idx ON thread (last_message_at DESC, id DESC);
CREATE INDEX thread_listing_id_idx ON thread (listing_id, id);

-- The two people of a thread. unread = last_seq - read_seq - uncounted.
CREATE TABLE participant (
    thread_id uuid NOT NULL,
    user_id uuid NOT NULL,
    read_seq bigint NOT NULL DEFAULT 0,
    uncounted bigint NOT NULL DEFAULT 0,
    rev bigint NOT NULL DEFAULT 1,
    CONSTRAINT participant_pkey PRIMARY KEY (thread_id, user_id),
    CONSTRAINT participant_watermark_check CHECK (read_seq >= 0 AND uncounted >= 0 AND rev >= 1)
) WITH (fillfactor = 80);
CREATE INDEX participant_user_id_idx ON participant (user_id) INCLUDE (thread_id);

-- A message to one person, or from the system to both, who then are nobody's sender and receiver.
CREATE TABLE message (
    thread_id uuid NOT NULL,
    seq bigint NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    sender_id uuid,
    receiver_id uuid,
    content text NOT NULL,
    client_message_id text,
    read_at timestamptz,
    is_active boolean NOT NULL DEFAULT true,
    record_version integer NOT NULL DEFAULT 1,
    sent_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    deleted_by uuid,
    CONSTRAINT message_pkey PRIMARY KEY (thread_id, seq),
    CONSTRAINT message_kind_check CHECK (
        CASE kind
            WHEN 'text' THEN sender_id IS NOT NULL AND receiver_id IS NOT NULL
            WHEN 'system' THEN sender_id IS NULL AND receiver_id IS NULL AND read_at IS NULL
            ELSE false
        END),
    CONSTRAINT message_deleted_check CHECK (is_active = (deleted_at IS NULL) AND is_active = (deleted_by IS NULL))
);
CREATE INDEX message_id_idx ON message (id);
CREATE INDEX message_sent_at_idx ON message (sent_at, id);
CREATE INDEX message_unread_idx ON message (thread_id, receiver_id, seq) WHERE read_at IS NULL AND is_active;
CREATE UNIQUE INDEX message_client_message_id_key ON message (thread_id, sender_id, client_message_id)
    WHERE client_message_id IS NOT NULL;

-- What messages are found by. Apart from them, so that reading a history does not carry it along; in the order of their
-- ids, which is that of time.
CREATE TABLE message_term (
    message_id uuid NOT NULL,
    thread_id uuid NOT NULL,
    terms tsvector NOT NULL,
    CONSTRAINT message_term_pkey PRIMARY KEY (message_id)
);
CREATE INDEX message_term_terms_idx ON message_term USING gin (terms);

-- Our copy of the catalogue, fed by its events.
CREATE TABLE known_listing (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    title text NOT NULL,
    status text NOT NULL,
    is_active boolean NOT NULL,
    record_version integer NOT NULL,
    -- The whole listing, as its events carry it.
    listing jsonb NOT NULL,
    terms tsvector NOT NULL,
    CONSTRAINT known_listing_pkey PRIMARY KEY (id)
);
CREATE INDEX known_listing_terms_idx ON known_listing USING gin (terms);

-- What the threads of a listing are still to be told: a system message each, in batches along their ids.
CREATE TABLE notice (
    event_id uuid NOT NULL,
    listing_id uuid NOT NULL,
    content text NOT NULL,
    request_id text NOT NULL,
    created_at timestamptz NOT NULL,
    -- Those up to this one have it.
    told_up_to uuid,
    CONSTRAINT notice_pkey PRIMARY KEY (event_id)
);

-- What the staff did to messages. Rows are only ever added; each carries a hash over itself and the one before it.
CREATE TABLE moderation_log (
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    actor_id uuid NOT NULL,
    action text NOT NULL,
    message_id uuid NOT NULL,
    thread_id uuid NOT NULL,
    reason text,
    request_id text NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT moderation_log_pkey PRIMARY KEY (seq),
    CONSTRAINT moderation_log_action_check CHECK (action IN ('delete', 'restore'))
);
-- The end of the chain: whoever adds to it locks this row.
CREATE TABLE moderation_head (
    is_only boolean NOT NULL DEFAULT true,
    seq bigint NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT moderation_head_pkey PRIMARY KEY (is_only),
    CONSTRAINT moderation_head_is_only_check CHECK (is_only)
);
INSERT INTO moderation_head (seq, hash) VALUES (0, decode(repeat('00', 32), 'hex'));
