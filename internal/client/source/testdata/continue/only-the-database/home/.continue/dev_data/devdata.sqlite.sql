CREATE TABLE tokens_generated (id INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL, provider TEXT NOT NULL, tokens_generated INTEGER NOT NULL, tokens_prompt INTEGER NOT NULL DEFAULT 0, timestamp DATETIME DEFAULT CURRENT_TIMESTAMP);
INSERT INTO tokens_generated (model, provider, tokens_generated, tokens_prompt, timestamp) VALUES ('gpt-4o', 'openai', 567, 1234, '2026-05-01 10:00:00');
INSERT INTO tokens_generated (model, provider, tokens_generated, tokens_prompt, timestamp) VALUES ('gpt-4o', 'openai', 567, 1234, '2026-05-01 10:00:00');
INSERT INTO tokens_generated (model, provider, tokens_generated, tokens_prompt, timestamp) VALUES ('', 'openai', 1, 1, '2026-05-01 10:00:00');
