//! The tables that every service keeps for its events.

diesel::table! {
    outbox (id) {
        id -> Uuid,
        #[sql_name = "type"]
        kind -> Text,
        version -> Integer,
        subject -> Text,
        time -> Timestamptz,
        request_id -> Text,
        recipients -> Array<Text>,
        data -> Jsonb,
        attempts -> Integer,
        not_before -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    relay_lease (name) {
        name -> Text,
        holder -> Uuid,
        until -> Timestamptz,
    }
}

diesel::table! {
    processed_event (event_id) {
        event_id -> Uuid,
        processed_at -> Timestamptz,
    }
}
