-- What the service has to tell and has not told yet: written in the transaction that changes the state, deleted by the
-- relay once the broker has confirmed it. The columns are those of the event's envelope, but for `source`, which is the
-- service itself.
CREATE TABLE outbox (
    id uuid NOT NULL,
    type text NOT NULL,
    version integer NOT NULL,
    subject text NOT NULL,
    time timestamptz NOT NULL,
    request_id text NOT NULL,
    recipients text[] NOT NULL,
    data jsonb NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    not_before timestamptz,
    CONSTRAINT outbox_pkey PRIMARY KEY (id),
    CONSTRAINT outbox_recipients_check CHECK (array_position(recipients, NULL) IS NULL)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- Who relays: one replica at a time.
CREATE TABLE relay_lease (
    name text NOT NULL,
    holder uuid NOT NULL,
    until timestamptz NOT NULL,
    CONSTRAINT relay_lease_pkey PRIMARY KEY (name)
);

-- The events that were applied already, kept for seven days.
CREATE TABLE processed_event (
    event_id uuid NOT NULL,
    processed_at timestamptz NOT NULL,
    CONSTRAINT processed_event_pkey PRIMARY KEY (event_id)
);
CREATE INDEX processed_event_processed_at_idx ON processed_event (processed_at);
