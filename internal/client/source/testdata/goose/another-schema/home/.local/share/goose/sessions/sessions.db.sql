CREATE TABLE sessions (uuid TEXT);
