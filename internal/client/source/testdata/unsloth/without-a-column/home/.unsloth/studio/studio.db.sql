CREATE TABLE api_usage_events (id TEXT PRIMARY KEY, subject TEXT, endpoint TEXT, model TEXT, status TEXT, prompt_tokens INTEGER, completion_tokens INTEGER, created_at INTEGER);
INSERT INTO api_usage_events VALUES ('a', 'CANARY', '/v1/chat', 'gemma-4', 'ok', 100, 20, 1777629600000);
