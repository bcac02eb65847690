DROP TABLE processed_event;
DROP TABLE relay_lease;
DROP TABLE outbox;
