DROP TABLE loose_object;
DROP TABLE file;
DROP TABLE bucket;
