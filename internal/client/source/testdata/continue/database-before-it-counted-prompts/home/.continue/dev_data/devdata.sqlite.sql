CREATE TABLE tokens_generated (id INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL, provider TEXT NOT NULL, tokens_generated INTEGER NOT NULL, timestamp DATETIME DEFAULT CURRENT_TIMESTAMP);
INSERT INTO tokens_generated (model, provider, tokens_generated, timestamp) VALUES ('gpt-4o', 'openai', 7, '2025-02-01 09:00:00');
