-- What a bucket holds, counted in the transactions that add and take files. A bucket that never held any has no row.
CREATE TABLE bucket (
    name text NOT NULL,
    used_bytes bigint NOT NULL,
    file_count bigint NOT NULL,
    CONSTRAINT bucket_pkey PRIMARY KEY (name),
    CONSTRAINT bucket_used_bytes_check CHECK (used_bytes >= 0),
    CONSTRAINT bucket_file_count_check CHECK (file_count >= 0)
);

-- The files that are there. Each has an object under its id.
CREATE TABLE file (
    id uuid NOT NULL,
    bucket text NOT NULL,
    original_name text NOT NULL,
    mime_type text NOT NULL,
    size bigint NOT NULL,
    sha256 bytea NOT NULL,
    -- Whom the token spoke for.
    uploaded_by text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT file_pkey PRIMARY KEY (id),
    CONSTRAINT file_original_name_check CHECK (char_length(original_name) BETWEEN 1 AND 200),
    CONSTRAINT file_size_check CHECK (size >= 0),
    CONSTRAINT file_sha256_check CHECK (octet_length(sha256) = 32)
);

-- The files of a bucket, newest first.
CREATE INDEX file_bucket_idx ON file (bucket, created_at, id);

-- Objects that no row has, yet or any more: what is past its deadline is removed.
CREATE TABLE loose_object (
    file_id uuid NOT NULL,
    deadline timestamptz NOT NULL,
    -- Whoever removes it has said so: no row may have it from now on.
    condemned boolean NOT NULL,
    CONSTRAINT loose_object_pkey PRIMARY KEY (file_id)
);

CREATE INDEX loose_object_deadline_idx ON loose_object (deadline);
