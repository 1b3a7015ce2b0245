CREATE TABLE sessions (id TEXT PRIMARY KEY, cwd TEXT, repository TEXT, summary TEXT, created_at TEXT);
CREATE TABLE assistant_usage_events (id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT, model TEXT, input_tokens INTEGER, output_tokens INTEGER, cache_read_tokens INTEGER, cache_write_tokens INTEGER, reasoning_tokens INTEGER, created_at DATETIME, total_nano_aiu INTEGER, initiator TEXT);
INSERT INTO sessions VALUES ('S', '/w/CANARY', 'CANARY/CANARY', 'CANARY', '2026-05-01 09:59:00');
INSERT INTO assistant_usage_events VALUES (1, 'S', 'claude-sonnet-4.5', 1000, 50, 700, 200, 20, '2026-05-01 10:00:00.123', 5, 'CANARY');
