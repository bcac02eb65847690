ALTER INDEX message_term_terms_idx RESET (fastupdate);
