DROP TABLE known_user;
DROP TABLE message;
DROP TABLE participant;
DROP TABLE conversation;
