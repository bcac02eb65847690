// Printed from the migrated catalogue; a test keeps it so.

diesel::table! {
    known_listing (id) {
        id -> Uuid,
        user_id -> Uuid,
        title -> Text,
        status -> Text,
        is_active -> Bool,
        record_version -> Int4,
        listing -> Jsonb,
        terms -> kit::search::Tsvector,
    }
}

diesel::table! {
    message (thread_id, seq) {
        thread_id -> Uuid,
        seq -> Int8,
        id -> Uuid,
        kind -> Text,
        sender_id -> Nullable<Uuid>,
        receiver_id -> Nullable<Uuid>,
        content -> Text,
        client_message_id -> Nullable<Text>,
        read_at -> Nullable<Timestamptz>,
        is_active -> Bool,
        record_version -> Int4,
        sent_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        deleted_by -> Nullable<Uuid>,
        file_ids -> Array<Uuid>,
    }
}

diesel::table! {
    message_term (message_id) {
        message_id -> Uuid,
        thread_id -> Uuid,
        terms -> kit::search::Tsvector,
    }
}

diesel::table! {
    moderation_head (is_only) {
        is_only -> Bool,
        seq -> Int8,
        hash -> Bytea,
    }
}

diesel::table! {
    moderation_log (seq) {
        seq -> Int8,
        at -> Timestamptz,
        actor_id -> Uuid,
        action -> Text,
        message_id -> Uuid,
        thread_id -> Uuid,
        reason -> Nullable<Text>,
        request_id -> Text,
        hash -> Bytea,
    }
}

diesel::table! {
    notice (event_id) {
        event_id -> Uuid,
        listing_id -> Uuid,
        content -> Text,
        request_id -> Text,
        created_at -> Timestamptz,
        told_up_to -> Nullable<Uuid>,
    }
}

diesel::table! {
    participant (thread_id, user_id) {
        thread_id -> Uuid,
        user_id -> Uuid,
        read_seq -> Int8,
        uncounted -> Int8,
        rev -> Int8,
    }
}

diesel::table! {
    thread (id) {
        id -> Uuid,
        listing_id -> Uuid,
        sender_id -> Uuid,
        receiver_id -> Uuid,
        created_at -> Timestamptz,
        last_seq -> Int8,
        deleted -> Int8,
        last_message_at -> Timestamptz,
        last_message_id -> Nullable<Uuid>,
        last_message_seq -> Nullable<Int8>,
        last_message_sender_id -> Nullable<Uuid>,
        last_message_kind -> Nullable<Text>,
        last_message_preview -> Nullable<Text>,
        last_message_sent_at -> Nullable<Timestamptz>,
    }
}
