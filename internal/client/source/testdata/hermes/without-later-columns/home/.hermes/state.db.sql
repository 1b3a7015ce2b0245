CREATE TABLE sessions (id TEXT, model TEXT, started_at REAL, input_tokens INTEGER, output_tokens INTEGER);
INSERT INTO sessions VALUES ('s1', 'gpt-5', 1777629600, 3, 4);
