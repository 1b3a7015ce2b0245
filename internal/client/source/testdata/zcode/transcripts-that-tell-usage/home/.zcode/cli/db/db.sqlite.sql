CREATE TABLE model_usage (id TEXT PRIMARY KEY, session_id TEXT, turn_id TEXT, provider_id TEXT, model_id TEXT, started_at INTEGER, completed_at INTEGER, input_tokens INTEGER, output_tokens INTEGER, reasoning_tokens INTEGER, cache_read_input_tokens INTEGER, cache_creation_input_tokens INTEGER, computed_total_tokens INTEGER);
INSERT INTO model_usage VALUES ('r1', 's1', 't1', 'zai', 'glm-5', 1777629600000, 1777629605000, 1000, 100, 30, 640, 60, 1100);
INSERT INTO model_usage VALUES ('r2', 's1', 't2', 'zai', 'glm-5', 1777629700000, 1777629705000, 0, 0, 0, 0, 0, 44);
INSERT INTO model_usage VALUES ('r3', 's1', 't3', 'zai', 'glm-5', 1777629800000, 1777629805000, 10, 1, 0, 7, 2, 20);
