CREATE TABLE sessions (id TEXT PRIMARY KEY, source TEXT, model TEXT, title TEXT, cwd TEXT, parent_session_id TEXT, started_at REAL NOT NULL, ended_at REAL, input_tokens INTEGER DEFAULT 0, output_tokens INTEGER DEFAULT 0, cache_read_tokens INTEGER DEFAULT 0, cache_write_tokens INTEGER DEFAULT 0, reasoning_tokens INTEGER DEFAULT 0, actual_cost_usd REAL);
INSERT INTO sessions VALUES ('s1', 'cli', 'gpt-5', 'CANARY', '/w/CANARY', NULL, 1777543200.25, 1777629600.5, 1001, 1002, 1003, 1004, 105, 0.5);
INSERT INTO sessions VALUES ('s2', 'cli', 'gpt-5', 'CANARY', '/w/CANARY', NULL, 1777543200.25, NULL, 5, 6, 0, 0, 0, 0.5);
INSERT INTO sessions VALUES ('s3', 'cli', 'gpt-5', 'CANARY', '/w/CANARY', NULL, 1777543200.25, 1777629600.5, 0, 0, 0, 0, 0, 0.5);
INSERT INTO sessions VALUES ('s4', 'cli', NULL, 'CANARY', '/w/CANARY', NULL, 1777543200.25, 1777629600.5, 1, 1, 0, 0, 0, 0.5);
