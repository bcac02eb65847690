DROP TABLE inbox_backfill, inbox_move, known_user_term, known_listing, inbox_message, inbox_entry, inbox_place;
