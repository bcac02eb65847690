// Printed from the migrated catalogue; a test keeps it so.

diesel::table! {
    conversation (id) {
        id -> Uuid,
        is_group -> Bool,
        creator_id -> Uuid,
        member_ids -> Array<Uuid>,
        is_active -> Bool,
        record_version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        last_seq -> Int8,
        last_message_at -> Timestamptz,
        last_message_id -> Nullable<Uuid>,
        last_message_sender_id -> Nullable<Uuid>,
        last_message_kind -> Nullable<Text>,
        last_message_preview -> Nullable<Text>,
        last_message_seq -> Nullable<Int8>,
        last_message_sent_at -> Nullable<Timestamptz>,
        name -> Nullable<Text>,
        icon -> Nullable<Text>,
        description -> Nullable<Text>,
    }
}

diesel::table! {
    hide (conversation_id, user_id, seq) {
        conversation_id -> Uuid,
        user_id -> Uuid,
        seq -> Int8,
        had_read -> Bool,
    }
}

diesel::table! {
    message (conversation_id, seq) {
        conversation_id -> Uuid,
        seq -> Int8,
        id -> Uuid,
        sender_id -> Nullable<Uuid>,
        kind -> Text,
        content -> Text,
        client_message_id -> Nullable<Text>,
        is_active -> Bool,
        record_version -> Int4,
        sent_at -> Timestamptz,
        updated_at -> Timestamptz,
        reply_to -> Nullable<Uuid>,
        reaction_rev -> Int8,
        file_ids -> Array<Uuid>,
    }
}

diesel::table! {
    participant (conversation_id, user_id) {
        conversation_id -> Uuid,
        user_id -> Uuid,
        is_member -> Bool,
        joined_at -> Timestamptz,
        read_seq -> Int8,
        uncounted -> Int8,
        visible_from -> Int8,
        rev -> Int8,
        absent -> Int8,
        hidden_seq -> Nullable<Int8>,
    }
}

diesel::table! {
    reaction (conversation_id, seq, user_id, emoji) {
        conversation_id -> Uuid,
        seq -> Int8,
        user_id -> Uuid,
        emoji -> Text,
        reacted_at -> Timestamptz,
    }
}

diesel::table! {
    receipt (conversation_id, user_id, seq) {
        conversation_id -> Uuid,
        user_id -> Uuid,
        seq -> Int8,
        read_at -> Timestamptz,
    }
}
