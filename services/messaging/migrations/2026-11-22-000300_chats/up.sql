-- What a group is called and how it looks. A 1:1 has none of it: it shows the other.
ALTER TABLE conversation
    ADD COLUMN name text,
    ADD COLUMN icon text,
    ADD COLUMN description text,
    ADD CONSTRAINT conversation_profile_check CHECK (is_group OR (name IS NULL AND icon IS NULL AND description IS NULL));

-- Nobody says what the system says.
ALTER TABLE message
    ALTER COLUMN sender_id DROP NOT NULL,
    ADD COLUMN reply_to uuid,
    -- Up by one with every reaction that comes or goes; 0 tells lists that there never was one.
    ADD COLUMN reaction_rev bigint NOT NULL DEFAULT 0,
    DROP CONSTRAINT message_kind_check,
    ADD CONSTRAINT message_kind_check CHECK (kind IN ('text', 'docId', 'link', 'location', 'profileId', 'system')),
    ADD CONSTRAINT message_sender_id_check CHECK ((sender_id IS NULL) = (kind = 'system')),
    ADD CONSTRAINT message_reaction_rev_check CHECK (reaction_rev >= 0);

CREATE TABLE reaction (
    conversation_id uuid NOT NULL,
    seq bigint NOT NULL,
    user_id uuid NOT NULL,
    emoji text NOT NULL,
    reacted_at timestamptz NOT NULL,
    CONSTRAINT reaction_pkey PRIMARY KEY (conversation_id, seq, user_id, emoji)
);
