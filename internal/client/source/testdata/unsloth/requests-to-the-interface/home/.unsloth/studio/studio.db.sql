CREATE TABLE api_usage_events (id TEXT PRIMARY KEY, subject TEXT, endpoint TEXT, model TEXT, status TEXT, prompt_tokens INTEGER, completion_tokens INTEGER, total_tokens INTEGER, created_at INTEGER);
INSERT INTO api_usage_events VALUES ('a', 'CANARY', '/v1/chat', 'unsloth/Qwen3-8B-GGUF', 'ok', 100, 20, 120, 1777629600000);
INSERT INTO api_usage_events VALUES ('b', 'CANARY', '/v1/chat', 'unsloth/Qwen3-8B-GGUF', 'ok', 0, 0, 33, 1777629600000);
INSERT INTO api_usage_events VALUES ('c', 'CANARY', '/v1/chat', 'gemma-4', 'ok', 5, 6, 11, 1777680000);
INSERT INTO api_usage_events VALUES ('d', 'CANARY', '/v1/chat', NULL, 'ok', 1, 1, 2, 1777629600000);
INSERT INTO api_usage_events VALUES ('e', 'CANARY', '/v1/chat', 'x', 'ok', 20000000000, 1, 2, 1777629600000);
INSERT INTO api_usage_events VALUES ('f', 'CANARY', '/v1/chat', 'x', 'ok', 0, 0, 0, 1777629600000);
INSERT INTO api_usage_events VALUES ('g', 'CANARY', '/v1/chat', 'x', 'ok', NULL, 7, NULL, '2026-05-03T10:00:00Z');
