CREATE TABLE model_usage (id INTEGER, session_id TEXT, model_id TEXT, started_at INTEGER, input_tokens INTEGER, output_tokens INTEGER);
INSERT INTO model_usage VALUES (1, 's', 'glm-5', 1777629600000, 3, 4);
INSERT INTO model_usage VALUES (2, 's', 'glm-5', 1777629600000, 3, 4);
