// Printed from the migrated catalogue; a test keeps it so.

diesel::table! {
    attachment (chatbot_id, id) {
        chatbot_id -> Text,
        id -> Text,
        message_id -> Text,
        attachment_type -> Text,
        file_id -> Uuid,
        position -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    channel_api (chatbot_id, id) {
        chatbot_id -> Text,
        id -> Text,
        webhook_url -> Nullable<Text>,
        secret -> Text,
        is_active -> Bool,
        record_version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    channel_web_widget (chatbot_id, id) {
        chatbot_id -> Text,
        id -> Text,
        authorized_domains -> Array<Text>,
        web_widget_template_id -> Text,
        brand_color -> Text,
        show_header -> Bool,
        show_personal_logo -> Bool,
        show_message_input -> Bool,
        customize_css -> Nullable<Text>,
        is_active -> Bool,
        record_version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    chatbot (id) {
        id -> Text,
        name -> Text,
        owner_id -> Uuid,
        is_active -> Bool,
        record_version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    chatbot_member (chatbot_id, user_id) {
        chatbot_id -> Text,
        user_id -> Uuid,
        id -> Text,
        role -> Text,
        is_active -> Bool,
        record_version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    contact (chatbot_id, id) {
        chatbot_id -> Text,
        id -> Text,
        name -> Nullable<Text>,
        email -> Nullable<Text>,
        phone -> Nullable<Text>,
        avatar -> Nullable<Text>,
        identifier -> Nullable<Text>,
        is_verified -> Bool,
        is_active -> Bool,
        record_version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        terms -> kit::search::Tsvector,
    }
}

diesel::table! {
    contact_inbox (chatbot_id, id) {
        chatbot_id -> Text,
        id -> Text,
        contact_id -> Text,
        inbox_id -> Text,
        source_id -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    conversation (chatbot_id, id) {
        chatbot_id -> Text,
        id -> Text,
        contact_id -> Text,
        contact_inbox_id -> Text,
        inbox_id -> Text,
        source_id -> Text,
        status -> Text,
        assignee_id -> Nullable<Uuid>,
        agent_last_seen_at -> Nullable<Timestamptz>,
        agent_read_seq -> Int8,
        agent_uncounted -> Int8,
        agent_rev -> Int8,
        contact_last_seen_at -> Nullable<Timestamptz>,
        contact_read_seq -> Int8,
        contact_uncounted -> Int8,
        contact_rev -> Int8,
        last_seq -> Int8,
        deleted -> Int8,
        last_message_at -> Timestamptz,
        last_message_id -> Nullable<Text>,
        last_message_seq -> Nullable<Int8>,
        last_message_type -> Nullable<Text>,
        last_message_sender_type -> Nullable<Text>,
        last_message_sender_id -> Nullable<Text>,
        last_message_preview -> Nullable<Text>,
        last_message_sent_at -> Nullable<Timestamptz>,
        agent_unread -> Int8,
        is_active -> Bool,
        record_version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    conversation_participant (chatbot_id, id) {
        chatbot_id -> Text,
        id -> Text,
        conversation_id -> Text,
        user_id -> Nullable<Uuid>,
        contact_id -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    inbox (chatbot_id, id) {
        chatbot_id -> Text,
        id -> Text,
        channel_type -> Text,
        channel_id -> Text,
        name -> Text,
        conversation_policy -> Text,
        identity_secret -> Text,
        identity_required -> Bool,
        is_active -> Bool,
        record_version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    inbox_backfill (source) {
        source -> Text,
        asked_up_to -> Nullable<Text>,
        is_done -> Bool,
    }
}

diesel::table! {
    inbox_entry (user_id, source, conversation_id) {
        user_id -> Uuid,
        source -> Text,
        conversation_id -> Text,
        id -> Text,
        read_seq -> Int8,
        uncounted -> Int8,
        visible_from -> Int8,
        is_member -> Bool,
        hidden_seq -> Nullable<Int8>,
        rev -> Int8,
        sight_from -> Int8,
        sight_absent -> Int8,
        sight_up_to -> Int8,
        sight_seq -> Nullable<Int8>,
        last_seq -> Int8,
        last_message_at -> Timestamptz,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        is_shown -> Bool,
        unread -> Int8,
    }
}

diesel::table! {
    inbox_message (source, conversation_id, seq) {
        source -> Text,
        conversation_id -> Text,
        seq -> Int8,
        id -> Text,
        kind -> Text,
        sender_type -> Text,
        sender_id -> Nullable<Text>,
        preview -> Text,
        sent_at -> Timestamptz,
        is_active -> Bool,
        record_version -> Int4,
        newest_up_to -> Int8,
        terms -> kit::search::Tsvector,
    }
}

diesel::table! {
    inbox_move (chatbot_id, user_id) {
        chatbot_id -> Text,
        user_id -> Uuid,
        moved_up_to -> Nullable<Text>,
    }
}

diesel::table! {
    inbox_place (source, conversation_id) {
        source -> Text,
        conversation_id -> Text,
        is_group -> Bool,
        name -> Nullable<Text>,
        icon -> Nullable<Text>,
        listing_id -> Nullable<Uuid>,
        chatbot_id -> Nullable<Text>,
        inbox_id -> Nullable<Text>,
        contact_id -> Nullable<Text>,
        member_ids -> Array<Uuid>,
        is_active -> Bool,
        record_version -> Int4,
        last_seq -> Int8,
        last_message_at -> Timestamptz,
        agents_read_seq -> Int8,
        agents_uncounted -> Int8,
        agents_rev -> Int8,
        terms -> kit::search::Tsvector,
        is_ahead -> Bool,
    }
}

diesel::table! {
    known_listing (id) {
        id -> Uuid,
        title -> Text,
        is_active -> Bool,
        record_version -> Int4,
        terms -> kit::search::Tsvector,
    }
}

diesel::table! {
    known_user_term (user_id) {
        user_id -> Uuid,
        record_version -> Int4,
        terms -> kit::search::Tsvector,
    }
}

diesel::table! {
    message (chatbot_id, conversation_id, seq) {
        chatbot_id -> Text,
        conversation_id -> Text,
        seq -> Int8,
        id -> Text,
        inbox_id -> Text,
        message_type -> Text,
        content -> Nullable<Text>,
        body -> Nullable<Jsonb>,
        sender_type -> Text,
        sender_id -> Nullable<Text>,
        source_id -> Nullable<Text>,
        client_message_id -> Nullable<Text>,
        answers -> Nullable<Text>,
        answer -> Nullable<Array<Text>>,
        is_active -> Bool,
        record_version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    message_term (chatbot_id, message_id) {
        chatbot_id -> Text,
        message_id -> Text,
        conversation_id -> Text,
        sent_at -> Timestamptz,
        terms -> kit::search::Tsvector,
    }
}

diesel::table! {
    note (chatbot_id, id) {
        chatbot_id -> Text,
        conversation_id -> Text,
        id -> Text,
        after_seq -> Int8,
        author_id -> Uuid,
        content -> Text,
        is_active -> Bool,
        record_version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    web_widget_template (id) {
        id -> Text,
        name -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    webhook_delivery (chatbot_id, id) {
        chatbot_id -> Text,
        id -> Text,
        channel_id -> Text,
        conversation_id -> Text,
        seq -> Int8,
        body -> Text,
        status -> Text,
        tries -> Int4,
        claim -> Int8,
        leased_until -> Nullable<Timestamptz>,
        next_try_at -> Timestamptz,
        http_status -> Nullable<Int4>,
        problem -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}
