CREATE TABLE assistant_usage_events (id INTEGER PRIMARY KEY, session_id TEXT, model TEXT, input_tokens INTEGER, output_tokens INTEGER, created_at TEXT);
INSERT INTO assistant_usage_events VALUES (1, 'S', 'claude-sonnet-4.5', 10, 5, '2026-05-01 10:00:00');
INSERT INTO assistant_usage_events VALUES (2, 'S', 'claude-sonnet-4.5', 0, 0, '2026-05-01 10:00:00');
INSERT INTO assistant_usage_events VALUES (3, 'S', 'claude-sonnet-4.5', -4, 7, '2026-05-01T10:00:00Z');
