-- What is to reach contacts by a ChannelApi, and what became of it: an outbox and a log in one. The body is written once,
-- with the message, so that every try sends the same bytes under the same id, which is the message's.
CREATE TABLE webhook_delivery (
    chatbot_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    channel_id text COLLATE "C" NOT NULL,
    conversation_id text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    body text NOT NULL,
    status text NOT NULL DEFAULT 'pending',
    tries integer NOT NULL DEFAULT 0,
    -- Goes up with each claim: who was believed dead cannot finish what another has claimed since.
    claim bigint NOT NULL DEFAULT 0,
    leased_until timestamptz,
    next_try_at timestamptz NOT NULL,
    http_status integer,
    problem text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT webhook_delivery_pkey PRIMARY KEY (chatbot_id, id),
    CONSTRAINT webhook_delivery_channel_id_fkey
        FOREIGN KEY (chatbot_id, channel_id) REFERENCES channel_api (chatbot_id, id),
    CONSTRAINT webhook_delivery_id_fkey FOREIGN KEY (chatbot_id, id) REFERENCES message (chatbot_id, id),
    CONSTRAINT webhook_delivery_status_check CHECK (status IN ('pending', 'delivered', 'failed'))
);
CREATE INDEX webhook_delivery_due_idx ON webhook_delivery (next_try_at) WHERE status = 'pending';
-- The order of a conversation: nothing is sent while something before it is pending.
CREATE INDEX webhook_delivery_order_idx ON webhook_delivery (chatbot_id, conversation_id, seq) WHERE status = 'pending';
-- How many are being sent to one receiver: a slow one must not hold up the others.
CREATE INDEX webhook_delivery_leased_idx ON webhook_delivery (chatbot_id, channel_id) WHERE leased_until IS NOT NULL;
CREATE INDEX webhook_delivery_log_idx ON webhook_delivery (chatbot_id, channel_id, created_at DESC, id DESC);
CREATE INDEX webhook_delivery_over_idx ON webhook_delivery (updated_at) WHERE status <> 'pending';
