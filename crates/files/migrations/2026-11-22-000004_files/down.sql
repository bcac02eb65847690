DROP TABLE known_file;
