// Printed from the migrated catalogue; a test keeps it so.

diesel::table! {
    login_failure (subject) {
        subject -> Bytea,
        failures -> Int4,
        window_ends_at -> Timestamptz,
    }
}

diesel::table! {
    refresh_token (digest) {
        digest -> Bytea,
        session_id -> Uuid,
        seed -> Bytea,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    session (id) {
        id -> Uuid,
        user_id -> Uuid,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    users (id) {
        id -> Uuid,
        email -> Nullable<Text>,
        password_hash -> Nullable<Text>,
        fullname -> Text,
        avatar -> Nullable<Text>,
        timezone -> Nullable<Text>,
        role -> Text,
        is_active -> Bool,
        record_version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        folded_name -> Text,
        grams -> Array<Text>,
    }
}
