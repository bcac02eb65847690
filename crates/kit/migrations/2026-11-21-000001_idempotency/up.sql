-- The first 2xx answer to a POST that carried an Idempotency-Key, replayed byte for byte for 24 hours.
CREATE TABLE idempotency_key (
    user_id uuid NOT NULL,
    route text NOT NULL,
    key text NOT NULL,
    digest bytea NOT NULL,
    status integer,
    answer bytea,
    created_at timestamptz NOT NULL,
    CONSTRAINT idempotency_key_pkey PRIMARY KEY (user_id, route, key)
);
CREATE INDEX idempotency_key_created_at_idx ON idempotency_key (created_at);
