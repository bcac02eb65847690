-- Whoever answers for a company: the tenant. Everything below carries its id, and no query goes without it.
CREATE TABLE chatbot (
    id text COLLATE "C" NOT NULL,
    name text NOT NULL,
    owner_id uuid NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    record_version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT chatbot_pkey PRIMARY KEY (id)
);

-- Who answers. Rows of former members stay, so that their version goes on when they come back.
CREATE TABLE chatbot_member (
    chatbot_id text COLLATE "C" NOT NULL,
    user_id uuid NOT NULL,
    id text COLLATE "C" NOT NULL,
    role text NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    record_version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT chatbot_member_pkey PRIMARY KEY (chatbot_id, user_id),
    CONSTRAINT chatbot_member_chatbot_id_fkey FOREIGN KEY (chatbot_id) REFERENCES chatbot (id),
    CONSTRAINT chatbot_member_role_check CHECK (role IN ('owner', 'admin', 'agent'))
);
CREATE INDEX chatbot_member_user_id_idx ON chatbot_member (user_id) INCLUDE (chatbot_id, role) WHERE is_active;
CREATE UNIQUE INDEX chatbot_member_owner_key ON chatbot_member (chatbot_id) WHERE role = 'owner' AND is_active;

-- How a widget looks; the same for all.
CREATE TABLE web_widget_template (
    id text COLLATE "C" NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT web_widget_template_pkey PRIMARY KEY (id)
);
INSERT INTO web_widget_template (id, name, created_at) VALUES
    ('kb2n8q4w1x7z5c9v3m6l0jha', 'Classic', '2026-11-28T00:00:00Z'),
    ('p7d3f9s5g1h8t2r6y4u0iqwe', 'Compact', '2026-11-28T00:00:00Z'),
    ('zx6c2v8b4n0m1q9w7e5r3tyu', 'Full page', '2026-11-28T00:00:00Z');

CREATE TABLE channel_web_widget (
    chatbot_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    authorized_domains text[] NOT NULL DEFAULT '{}',
    web_widget_template_id text COLLATE "C" NOT NULL,
    brand_color text NOT NULL DEFAULT '#007bff',
    show_header boolean NOT NULL DEFAULT true,
    show_personal_logo boolean NOT NULL DEFAULT false,
    show_message_input boolean NOT NULL DEFAULT true,
    customize_css text,
    is_active boolean NOT NULL DEFAULT true,
    record_version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT channel_web_widget_pkey PRIMARY KEY (chatbot_id, id),
    CONSTRAINT channel_web_widget_chatbot_id_fkey FOREIGN KEY (chatbot_id) REFERENCES chatbot (id),
    CONSTRAINT channel_web_widget_web_widget_template_id_fkey
        FOREIGN KEY (web_widget_template_id) REFERENCES web_widget_template (id),
    CONSTRAINT channel_web_widget_authorized_domains_check CHECK (array_position(authorized_domains, NULL) IS NULL)
);
-- Visitors know a widget by its bare id.
CREATE UNIQUE INDEX channel_web_widget_id_key ON channel_web_widget (id);

CREATE TABLE channel_api (
    chatbot_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    -- Where messages to contacts go; null while the channel only receives.
    webhook_url text,
    -- What we sign with, and what the other side signs with.
    secret text NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    record_version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT channel_api_pkey PRIMARY KEY (chatbot_id, id),
    CONSTRAINT channel_api_chatbot_id_fkey FOREIGN KEY (chatbot_id) REFERENCES chatbot (id)
);
CREATE UNIQUE INDEX channel_api_id_key ON channel_api (id);

-- Where contacts write in, by one channel.
CREATE TABLE inbox (
    chatbot_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    channel_type text NOT NULL,
    channel_id text COLLATE "C" NOT NULL,
    name text NOT NULL,
    -- One conversation for each contact, or one for each session.
    conversation_policy text NOT NULL DEFAULT 'single',
    -- What signs visitors' identities, and whether nobody is let in without.
    identity_secret text NOT NULL,
    identity_required boolean NOT NULL DEFAULT false,
    is_active boolean NOT NULL DEFAULT true,
    record_version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT inbox_pkey PRIMARY KEY (chatbot_id, id),
    CONSTRAINT inbox_chatbot_id_fkey FOREIGN KEY (chatbot_id) REFERENCES chatbot (id),
    CONSTRAINT inbox_conversation_policy_check CHECK (conversation_policy IN ('single', 'perSession'))
);
CREATE UNIQUE INDEX inbox_channel_key ON inbox (chatbot_id, channel_type, channel_id) WHERE is_active;

-- Who writes in. An identifier was proven by a signature or set by an agent; contacts with one are never merged by e-mail.
CREATE TABLE contact (
    chatbot_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    name text,
    email text,
    phone text,
    avatar text,
    identifier text,
    is_verified boolean NOT NULL DEFAULT false,
    is_active boolean NOT NULL DEFAULT true,
    record_version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- What a search finds them by.
    terms tsvector NOT NULL,
    CONSTRAINT contact_pkey PRIMARY KEY (chatbot_id, id),
    CONSTRAINT contact_chatbot_id_fkey FOREIGN KEY (chatbot_id) REFERENCES chatbot (id)
);
CREATE UNIQUE INDEX contact_identifier_key ON contact (chatbot_id, identifier) WHERE identifier IS NOT NULL AND is_active;
CREATE INDEX contact_created_at_idx ON contact (chatbot_id, created_at DESC, id DESC) WHERE is_active;
CREATE INDEX contact_terms_idx ON contact USING gin (terms);
ALTER INDEX contact_terms_idx SET (fastupdate = off);

-- A contact in an inbox, by the name that the channel has for them.
CREATE TABLE contact_inbox (
    chatbot_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    contact_id text COLLATE "C" NOT NULL,
    inbox_id text COLLATE "C" NOT NULL,
    source_id text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT contact_inbox_pkey PRIMARY KEY (chatbot_id, id),
    CONSTRAINT contact_inbox_source_id_key UNIQUE (chatbot_id, inbox_id, source_id),
    CONSTRAINT contact_inbox_contact_id_fkey FOREIGN KEY (chatbot_id, contact_id) REFERENCES contact (chatbot_id, id),
    CONSTRAINT contact_inbox_inbox_id_fkey FOREIGN KEY (chatbot_id, inbox_id) REFERENCES inbox (chatbot_id, id)
);
CREATE INDEX contact_inbox_contact_id_idx ON contact_inbox (chatbot_id, contact_id);

-- A conversation carries what its list shows, and how far its two sides have read: all agents together, and the contact.
-- unread = last_seq - read_seq - uncounted. Agents list all of a chatbot by time: hence an index on what a send changes.
CREATE TABLE conversation (
    chatbot_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    contact_id text COLLATE "C" NOT NULL,
    contact_inbox_id text COLLATE "C" NOT NULL,
    inbox_id text COLLATE "C" NOT NULL,
    source_id text NOT NULL,
    status text NOT NULL DEFAULT 'open',
    assignee_id uuid,
    agent_last_seen_at timestamptz,
    agent_read_seq bigint NOT NULL DEFAULT 0,
    agent_uncounted bigint NOT NULL DEFAULT 0,
    agent_rev bigint NOT NULL DEFAULT 1,
    contact_last_seen_at timestamptz,
    contact_read_seq bigint NOT NULL DEFAULT 0,
    contact_uncounted bigint NOT NULL DEFAULT 0,
    contact_rev bigint NOT NULL DEFAULT 1,
    last_seq bigint NOT NULL DEFAULT 0,
    -- How many messages are deleted.
    deleted bigint NOT NULL DEFAULT 0,
    last_message_at timestamptz NOT NULL,
    last_message_id text COLLATE "C",
    last_message_seq bigint,
    last_message_type text,
    last_message_sender_type text,
    last_message_sender_id text,
    last_message_preview text,
    last_message_sent_at timestamptz,
    agent_unread bigint NOT NULL GENERATED ALWAYS AS (last_seq - agent_read_seq - agent_uncounted) STORED,
    is_active boolean NOT NULL DEFAULT true,
    record_version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT conversation_pkey PRIMARY KEY (chatbot_id, id),
    -- Whatever a channel calls one conversation is one, also when two of its messages race.
    CONSTRAINT conversation_source_id_key UNIQUE (chatbot_id, contact_inbox_id, source_id),
    CONSTRAINT conversation_contact_inbox_id_fkey
        FOREIGN KEY (chatbot_id, contact_inbox_id) REFERENCES contact_inbox (chatbot_id, id),
    CONSTRAINT conversation_contact_id_fkey FOREIGN KEY (chatbot_id, contact_id) REFERENCES contact (chatbot_id, id),
    CONSTRAINT conversation_inbox_id_fkey FOREIGN KEY (chatbot_id, inbox_id) REFERENCES inbox (chatbot_id, id),
    CONSTRAINT conversation_assignee_id_fkey
        FOREIGN KEY (chatbot_id, assignee_id) REFERENCES chatbot_member (chatbot_id, user_id),
    CONSTRAINT conversation_status_check CHECK (status IN ('open', 'pending', 'resolved')),
    CONSTRAINT conversation_watermarks_check CHECK (
        agent_read_seq >= 0 AND agent_uncounted >= 0 AND contact_read_seq >= 0 AND contact_uncounted >= 0
        AND last_seq - agent_read_seq - agent_uncounted >= 0 AND last_seq - contact_read_seq - contact_uncounted >= 0)
) WITH (fillfactor = 70);
CREATE INDEX conversation_last_message_at_idx ON conversation (chatbot_id, last_message_at DESC, id DESC) WHERE is_active;
CREATE INDEX conversation_unread_idx ON conversation (chatbot_id, last_message_at DESC, id DESC)
    WHERE is_active AND agent_unread > 0;
-- What agents narrow their list by.
CREATE INDEX conversation_inbox_id_idx ON conversation (chatbot_id, inbox_id, last_message_at DESC, id DESC)
    WHERE is_active;
CREATE INDEX conversation_assignee_id_idx ON conversation (chatbot_id, assignee_id, last_message_at DESC, id DESC)
    WHERE is_active AND assignee_id IS NOT NULL;
CREATE INDEX conversation_contact_id_idx ON conversation (chatbot_id, contact_id);

-- Who takes part: an agent who wrote or was asked in, or the contact.
CREATE TABLE conversation_participant (
    chatbot_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    conversation_id text COLLATE "C" NOT NULL,
    user_id uuid,
    contact_id text COLLATE "C",
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT conversation_participant_pkey PRIMARY KEY (chatbot_id, id),
    CONSTRAINT conversation_participant_one_check CHECK ((user_id IS NULL) <> (contact_id IS NULL)),
    CONSTRAINT conversation_participant_conversation_id_fkey
        FOREIGN KEY (chatbot_id, conversation_id) REFERENCES conversation (chatbot_id, id),
    CONSTRAINT conversation_participant_user_id_fkey
        FOREIGN KEY (chatbot_id, user_id) REFERENCES chatbot_member (chatbot_id, user_id),
    CONSTRAINT conversation_participant_contact_id_fkey
        FOREIGN KEY (chatbot_id, contact_id) REFERENCES contact (chatbot_id, id)
);
CREATE UNIQUE INDEX conversation_participant_user_id_key
    ON conversation_participant (chatbot_id, conversation_id, user_id) WHERE user_id IS NOT NULL;
CREATE UNIQUE INDEX conversation_participant_contact_id_key
    ON conversation_participant (chatbot_id, conversation_id, contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX conversation_participant_user_idx ON conversation_participant (chatbot_id, user_id) WHERE user_id IS NOT NULL;

CREATE TABLE message (
    chatbot_id text COLLATE "C" NOT NULL,
    conversation_id text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    id text COLLATE "C" NOT NULL,
    inbox_id text COLLATE "C" NOT NULL,
    message_type text NOT NULL,
    content text,
    -- Of a location, card, carousel, dropdown or choice: what it consists of.
    body jsonb,
    sender_type text NOT NULL,
    sender_id text COLLATE "C",
    -- What the channel calls it: a message that is delivered twice is one.
    source_id text,
    client_message_id text,
    -- The message whose options this one answers, and with which.
    answers text COLLATE "C",
    answer text[],
    is_active boolean NOT NULL DEFAULT true,
    record_version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT message_pkey PRIMARY KEY (chatbot_id, conversation_id, seq),
    CONSTRAINT message_id_key UNIQUE (chatbot_id, id),
    CONSTRAINT message_conversation_id_fkey
        FOREIGN KEY (chatbot_id, conversation_id) REFERENCES conversation (chatbot_id, id),
    CONSTRAINT message_inbox_id_fkey FOREIGN KEY (chatbot_id, inbox_id) REFERENCES inbox (chatbot_id, id),
    CONSTRAINT message_type_check CHECK (message_type IN (
        'text', 'image', 'markdown', 'audio', 'video', 'file', 'location', 'carousel', 'card', 'dropdown', 'choice')),
    CONSTRAINT message_sender_check CHECK (
        CASE sender_type
            WHEN 'contact' THEN sender_id IS NOT NULL
            WHEN 'user' THEN sender_id IS NOT NULL
            WHEN 'bot' THEN sender_id IS NOT NULL
            WHEN 'system' THEN sender_id IS NULL
            ELSE false
        END),
    CONSTRAINT message_answer_check CHECK ((answers IS NULL) = (answer IS NULL))
);
CREATE UNIQUE INDEX message_source_id_key ON message (chatbot_id, inbox_id, source_id) WHERE source_id IS NOT NULL;
CREATE UNIQUE INDEX message_client_message_id_key
    ON message (chatbot_id, conversation_id, sender_type, sender_id, client_message_id) WHERE client_message_id IS NOT NULL;
CREATE INDEX message_deleted_idx ON message (chatbot_id, conversation_id, seq) WHERE NOT is_active;

-- What messages are found by; apart from them, so that reading a history does not carry it along.
CREATE TABLE message_term (
    chatbot_id text COLLATE "C" NOT NULL,
    message_id text COLLATE "C" NOT NULL,
    conversation_id text COLLATE "C" NOT NULL,
    sent_at timestamptz NOT NULL,
    terms tsvector NOT NULL,
    CONSTRAINT message_term_pkey PRIMARY KEY (chatbot_id, message_id)
);
CREATE INDEX message_term_terms_idx ON message_term USING gin (terms);
ALTER INDEX message_term_terms_idx SET (fastupdate = off);
CREATE INDEX message_term_sent_at_idx ON message_term (chatbot_id, sent_at DESC, message_id DESC);

CREATE TABLE attachment (
    chatbot_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    message_id text COLLATE "C" NOT NULL,
    attachment_type text NOT NULL,
    file_id uuid NOT NULL,
    position integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT attachment_pkey PRIMARY KEY (chatbot_id, id),
    CONSTRAINT attachment_position_key UNIQUE (chatbot_id, message_id, position),
    CONSTRAINT attachment_message_id_fkey FOREIGN KEY (chatbot_id, message_id) REFERENCES message (chatbot_id, id),
    CONSTRAINT attachment_type_check CHECK (attachment_type IN ('image', 'audio', 'video', 'file'))
);

-- What agents say among themselves, after which message. A table of its own: nothing that a contact reads can reach it.
CREATE TABLE note (
    chatbot_id text COLLATE "C" NOT NULL,
    conversation_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    after_seq bigint NOT NULL,
    author_id uuid NOT NULL,
    content text NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    record_version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT note_pkey PRIMARY KEY (chatbot_id, id),
    CONSTRAINT note_conversation_id_fkey
        FOREIGN KEY (chatbot_id, conversation_id) REFERENCES conversation (chatbot_id, id)
);
CREATE INDEX note_conversation_id_idx ON note (chatbot_id, conversation_id, created_at, id) WHERE is_active;
