DROP TABLE moderation_head;
DROP TABLE moderation_log;
DROP TABLE notice;
DROP TABLE known_listing;
DROP TABLE message_term;
DROP TABLE message;
DROP TABLE participant;
DROP TABLE thread;
