ALTER TABLE conversation DROP COLUMN last_message_sent_at, DROP COLUMN last_message_seq;
ALTER TABLE participant DROP COLUMN hidden_seq, DROP COLUMN absent;
DROP TABLE hide;
DROP TABLE receipt;
