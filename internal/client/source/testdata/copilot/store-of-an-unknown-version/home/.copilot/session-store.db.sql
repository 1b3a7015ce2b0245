CREATE TABLE usage_v9 (id TEXT);
