-- Failed logins of an account or an address since the first of them, within a window.
CREATE TABLE login_failure (
    -- SHA-256 of what is limited: people type passwords into the wrong field.
    subject bytea NOT NULL,
    failures integer NOT NULL,
    window_ends_at timestamptz NOT NULL,
    CONSTRAINT login_failure_pkey PRIMARY KEY (subject)
);
CREATE INDEX login_failure_window_ends_at_idx ON login_failure (window_ends_at);
