CREATE TABLE events (id TEXT);
