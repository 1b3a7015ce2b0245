CREATE TABLE tokens_generated (id INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL, provider TEXT NOT NULL, tokens_generated INTEGER NOT NULL, tokens_prompt INTEGER NOT NULL DEFAULT 0, timestamp DATETIME DEFAULT CURRENT_TIMESTAMP);
INSERT INTO tokens_generated (model, provider, tokens_generated, tokens_prompt, timestamp) VALUES
 ('gpt-4o', 'openai', 1, 100, '2025-02-01 09:00:00'),
 ('gpt-4o', 'openai', 2, 200, '2025-06-30 23:59:59'),
 ('gpt-4o', 'openai', 4, 400, '2025-07-01 09:59:59'),
 ('gpt-4o', 'openai', 8, 800, '2025-07-02 10:00:00'),
 ('gpt-4o', 'openai', 16, 1600, NULL);
