// Printed from the migrated catalogue; a test keeps it so.

diesel::table! {
    bucket (name) {
        name -> Text,
        used_bytes -> Int8,
        file_count -> Int8,
    }
}

diesel::table! {
    carrier (file_id, source, message_id) {
        file_id -> Uuid,
        source -> Text,
        message_id -> Uuid,
        is_active -> Bool,
        record_version -> Int4,
    }
}

diesel::table! {
    departed_user (user_id) {
        user_id -> Uuid,
        departed_at -> Timestamptz,
        look_at -> Timestamptz,
    }
}

diesel::table! {
    file (id) {
        id -> Uuid,
        bucket -> Text,
        original_name -> Text,
        mime_type -> Text,
        size -> Int8,
        sha256 -> Bytea,
        uploaded_by -> Text,
        created_at -> Timestamptz,
        orphaned_at -> Nullable<Timestamptz>,
        is_withheld -> Bool,
        needs_carrier -> Bool,
    }
}

diesel::table! {
    loose_object (file_id) {
        file_id -> Uuid,
        deadline -> Timestamptz,
        condemned -> Bool,
    }
}
