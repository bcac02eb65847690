-- Who can log in. Plural, since `user` is a reserved word.
CREATE TABLE users (
    id uuid NOT NULL,
    -- Trimmed and in lower case.
    email text,
    password_hash text,
    fullname text NOT NULL,
    avatar text,
    timezone text,
    role text NOT NULL,
    is_active boolean NOT NULL,
    record_version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- What a search compares: the name in lower case, and the grams of name and e-mail address.
    folded_name text NOT NULL,
    grams text[] NOT NULL,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_email_key UNIQUE (email),
    CONSTRAINT users_role_check CHECK (role IN ('user', 'moderator', 'admin', 'superAdmin', 'saasAdmin')),
    CONSTRAINT users_fullname_check CHECK (char_length(fullname) BETWEEN 1 AND 100),
    -- A deleted user leaves a name behind, and nothing to log in with: the address is free again.
    CONSTRAINT users_credentials_check
        CHECK (is_active = (email IS NOT NULL) AND is_active = (password_hash IS NOT NULL)),
    CONSTRAINT users_grams_check CHECK (array_position(grams, NULL) IS NULL)
);
CREATE INDEX users_grams_idx ON users USING gin (grams) WHERE is_active;
