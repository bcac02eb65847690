// Printed from the migrated catalogue; a test keeps it so.

diesel::table! {
    departed_user (user_id) {
        user_id -> Uuid,
        departed_at -> Timestamptz,
    }
}

diesel::table! {
    favorite (listing_id, user_id) {
        listing_id -> Uuid,
        user_id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    listing (id) {
        id -> Uuid,
        user_id -> Uuid,
        title -> Text,
        description -> Nullable<Text>,
        price -> Nullable<Float8>,
        currency -> Nullable<Text>,
        attributes -> Jsonb,
        category_id -> Nullable<Uuid>,
        subcategory_id -> Nullable<Uuid>,
        location_id -> Nullable<Uuid>,
        condition -> Nullable<Text>,
        listing_type -> Text,
        status -> Text,
        premium_type -> Text,
        is_premium -> Bool,
        premium_expiry -> Nullable<Timestamptz>,
        payment_confirmation -> Nullable<Text>,
        contact_email -> Nullable<Text>,
        contact_phone -> Nullable<Text>,
        expires_at -> Nullable<Timestamptz>,
        favorite_count -> Int8,
        views_count -> Int8,
        is_active -> Bool,
        record_version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        terms -> kit::search::Tsvector,
    }
}

diesel::table! {
    view (listing_id, user_id) {
        listing_id -> Uuid,
        user_id -> Uuid,
        created_at -> Timestamptz,
    }
}
