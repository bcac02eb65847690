DROP TABLE departed_user;
DROP TABLE view;
DROP TABLE favorite;
DROP TABLE listing;
