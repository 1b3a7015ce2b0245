CREATE TABLE session (id TEXT PRIMARY KEY, directory TEXT, path TEXT, title TEXT);
CREATE TABLE model_usage (id TEXT PRIMARY KEY, session_id TEXT, turn_id TEXT, provider_id TEXT, model_id TEXT, started_at INTEGER, completed_at INTEGER, input_tokens INTEGER, output_tokens INTEGER, reasoning_tokens INTEGER, cache_read_input_tokens INTEGER, cache_creation_input_tokens INTEGER, computed_total_tokens INTEGER, agent TEXT, mode TEXT);
INSERT INTO session VALUES ('s1', '/w/CANARY', 'CANARY', 'CANARY');
INSERT INTO model_usage VALUES ('u1', 's1', 't', 'zai', 'glm-5', 1777629600000, 1777629600009, 1000, 100, 30, 640, 60, 1100, 'CANARY', 'CANARY');
INSERT INTO model_usage VALUES ('u2', 's1', 't', 'zai', 'glm-5', NULL, 1777716000000, 10, 5, 9, 20, 0, 15, 'CANARY', 'CANARY');
INSERT INTO model_usage VALUES ('u3', 's1', 't', 'zai', '', 1777629600000, 1777629600000, 1, 1, 0, 0, 0, 2, 'CANARY', 'CANARY');
INSERT INTO model_usage VALUES ('u4', 's1', 't', 'zai', 'glm-5', 1777629600000, 1777629600000, 0, 0, 0, 0, 0, 0, 'CANARY', 'CANARY');
