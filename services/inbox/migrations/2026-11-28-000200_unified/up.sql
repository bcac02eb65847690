-- What the unified inbox knows of a conversation, of messaging, of conversation or of our own. All of it comes by events, in
-- any order: each part has a number of its own, and the highest is kept. Version 0 is one of which only messages were told.
CREATE TABLE inbox_place (
    source text NOT NULL,
    conversation_id text COLLATE "C" NOT NULL,
    is_group boolean NOT NULL DEFAULT false,
    name text,
    icon text,
    listing_id uuid,
    chatbot_id text COLLATE "C",
    inbox_id text COLLATE "C",
    contact_id text COLLATE "C",
    member_ids uuid[] NOT NULL DEFAULT '{}',
    is_active boolean NOT NULL DEFAULT true,
    record_version integer NOT NULL DEFAULT 0,
    last_seq bigint NOT NULL DEFAULT 0,
    last_message_at timestamptz NOT NULL,
    -- How far all agents of a chatbot have read.
    agents_read_seq bigint NOT NULL DEFAULT 0,
    agents_uncounted bigint NOT NULL DEFAULT 0,
    agents_rev bigint NOT NULL DEFAULT 0,
    -- What a group is found by. Here as below no index has terms: a search walks the entries of its caller, and looks each
    -- text up by its key, so that it never costs what others have.
    terms tsvector NOT NULL DEFAULT '',
    CONSTRAINT inbox_place_pkey PRIMARY KEY (source, conversation_id),
    CONSTRAINT inbox_place_source_check CHECK (source IN ('messaging', 'conversation', 'inbox'))
) WITH (fillfactor = 80);
CREATE INDEX inbox_place_chatbot_id_idx ON inbox_place (chatbot_id, conversation_id) WHERE chatbot_id IS NOT NULL;

-- One for each user and conversation. It repeats what its order and its filters need, so that a page is a walk along an
-- index. A sight is which message somebody sees as the newest who deleted others for themselves: docs/events.md.
CREATE TABLE inbox_entry (
    user_id uuid NOT NULL,
    source text NOT NULL,
    conversation_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    read_seq bigint NOT NULL DEFAULT 0,
    uncounted bigint NOT NULL DEFAULT 0,
    visible_from bigint NOT NULL DEFAULT 1,
    is_member boolean NOT NULL DEFAULT false,
    hidden_seq bigint,
    rev bigint NOT NULL DEFAULT 0,
    sight_from bigint NOT NULL DEFAULT 0,
    sight_absent bigint NOT NULL DEFAULT 0,
    sight_up_to bigint NOT NULL DEFAULT 0,
    sight_seq bigint,
    last_seq bigint NOT NULL DEFAULT 0,
    last_message_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    is_shown boolean NOT NULL GENERATED ALWAYS AS (is_member AND (hidden_seq IS NULL OR last_seq > hidden_seq)) STORED,
    unread bigint NOT NULL
        GENERATED ALWAYS AS (greatest(last_seq - greatest(read_seq, visible_from - 1) - uncounted, 0)) STORED,
    CONSTRAINT inbox_entry_pkey PRIMARY KEY (user_id, source, conversation_id),
    CONSTRAINT inbox_entry_id_key UNIQUE (id),
    CONSTRAINT inbox_entry_place_fkey
        FOREIGN KEY (source, conversation_id) REFERENCES inbox_place (source, conversation_id)
) WITH (fillfactor = 70);
CREATE INDEX inbox_entry_place_idx ON inbox_entry (source, conversation_id);
CREATE INDEX inbox_entry_last_message_at_idx ON inbox_entry (user_id, last_message_at DESC, id DESC) WHERE is_shown;
CREATE INDEX inbox_entry_unread_idx ON inbox_entry (user_id, last_message_at DESC, id DESC) INCLUDE (unread)
    WHERE is_shown AND unread > 0;
CREATE INDEX inbox_entry_sight_idx ON inbox_entry (source, conversation_id, sight_seq) WHERE sight_seq IS NOT NULL;

-- Of the messages, those that somebody may see as the newest, and which are deleted.
CREATE TABLE inbox_message (
    source text NOT NULL,
    conversation_id text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    id text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    sender_type text NOT NULL,
    sender_id text COLLATE "C",
    preview text NOT NULL,
    sent_at timestamptz NOT NULL,
    is_active boolean NOT NULL,
    record_version integer NOT NULL,
    -- No message after this one, up to that number, was active when it was told last.
    newest_up_to bigint NOT NULL,
    terms tsvector NOT NULL DEFAULT '',
    CONSTRAINT inbox_message_pkey PRIMARY KEY (source, conversation_id, seq),
    -- Nothing is left of the words of a deleted message.
    CONSTRAINT inbox_message_terms_check CHECK (is_active OR terms = '')
);
CREATE INDEX inbox_message_active_idx ON inbox_message (source, conversation_id, seq DESC) WHERE is_active;

-- Our copy of the catalogue: what threads are called.
CREATE TABLE known_listing (
    id uuid NOT NULL,
    title text NOT NULL,
    is_active boolean NOT NULL,
    record_version integer NOT NULL,
    terms tsvector NOT NULL DEFAULT '',
    CONSTRAINT known_listing_pkey PRIMARY KEY (id)
);

-- What users are found by: the words of the name that `known_user`, of the crate directory, has in that version.
CREATE TABLE known_user_term (
    user_id uuid NOT NULL,
    record_version integer NOT NULL,
    terms tsvector NOT NULL,
    CONSTRAINT known_user_term_pkey PRIMARY KEY (user_id)
);

-- Whose entries are to be put right in all conversations of a chatbot, since they came or went: in bites, along the ids.
CREATE TABLE inbox_move (
    chatbot_id text COLLATE "C" NOT NULL,
    user_id uuid NOT NULL,
    moved_up_to text COLLATE "C",
    CONSTRAINT inbox_move_pkey PRIMARY KEY (chatbot_id, user_id)
);

-- How far we have asked the owners for what was before we were first started.
CREATE TABLE inbox_backfill (
    source text NOT NULL,
    asked_up_to text COLLATE "C",
    is_done boolean NOT NULL DEFAULT false,
    CONSTRAINT inbox_backfill_pkey PRIMARY KEY (source)
);
INSERT INTO inbox_backfill (source) VALUES ('messaging'), ('conversation'), ('inbox');
