-- A login: what its refresh tokens belong to.
CREATE TABLE session (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT session_pkey PRIMARY KEY (id),
    CONSTRAINT session_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE INDEX session_user_id_idx ON session (user_id) WHERE revoked_at IS NULL;
CREATE INDEX session_expires_at_idx ON session (expires_at);

-- Each refresh token that a session had, by its SHA-256. A used one stays, so that a second use is noticed.
CREATE TABLE refresh_token (
    digest bytea NOT NULL,
    session_id uuid NOT NULL,
    -- With the token itself, which is not stored, this makes its one successor.
    seed bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT refresh_token_pkey PRIMARY KEY (digest),
    CONSTRAINT refresh_token_session_id_fkey FOREIGN KEY (session_id) REFERENCES session (id) ON DELETE CASCADE
);
CREATE INDEX refresh_token_session_id_idx ON refresh_token (session_id);
CREATE INDEX refresh_token_expires_at_idx ON refresh_token (expires_at);
