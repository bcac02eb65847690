ALTER TABLE file DROP COLUMN needs_carrier;
DROP TABLE departed_user;
