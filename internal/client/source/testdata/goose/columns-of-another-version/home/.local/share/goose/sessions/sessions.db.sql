CREATE TABLE sessions (id TEXT, updated_at TEXT, model_config_json TEXT, input_tokens INTEGER, output_tokens INTEGER);
INSERT INTO sessions VALUES ('s1', '2026-05-01T10:00:00Z', '{"model_name":"claude-sonnet-4"}', 5, 6);
