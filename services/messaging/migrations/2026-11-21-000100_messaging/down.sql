DROP TABLE message;
DROP TABLE participant;
DROP TABLE conversation;
