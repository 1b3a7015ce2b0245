CREATE TABLE sessions (id TEXT PRIMARY KEY, source TEXT, model TEXT, title TEXT, cwd TEXT, parent_session_id TEXT, started_at REAL NOT NULL, ended_at REAL, input_tokens INTEGER DEFAULT 0, output_tokens INTEGER DEFAULT 0, cache_read_tokens INTEGER DEFAULT 0, cache_write_tokens INTEGER DEFAULT 0, reasoning_tokens INTEGER DEFAULT 0, actual_cost_usd REAL);
CREATE TABLE session_model_usage (session_id TEXT, model TEXT, billing_provider TEXT, input_tokens INTEGER, output_tokens INTEGER, cache_read_tokens INTEGER, cache_write_tokens INTEGER, reasoning_tokens INTEGER, estimated_cost_usd REAL, actual_cost_usd REAL, PRIMARY KEY (session_id, model, billing_provider));
INSERT INTO sessions VALUES ('s1', 'cli', 'gpt-5', 'CANARY', '/w/CANARY', NULL, 1777543200.25, 1777629600.5, 9, 9, 9, 9, 9, 0.5);
INSERT INTO sessions VALUES ('s2', 'cli', 'gpt-5', 'CANARY', '/w/CANARY', NULL, 1777543200.25, 1777629600.5, 5, 6, 0, 0, 0, 0.5);
INSERT INTO session_model_usage VALUES ('s1', 'gpt-5', 'openai', 10, 1, 0, 0, 0, 1, 0);
INSERT INTO session_model_usage VALUES ('s1', 'gpt-5', 'azure', 20, 2, 0, 0, 0, 1, 0);
