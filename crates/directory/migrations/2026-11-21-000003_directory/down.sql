DROP TABLE known_user;
