-- A list of pending entries would make most sends a little faster, one in tens of thousands wait for two thirds of a
-- second while it empties the list, and each search read all of the list.
ALTER INDEX message_term_terms_idx SET (fastupdate = off);
