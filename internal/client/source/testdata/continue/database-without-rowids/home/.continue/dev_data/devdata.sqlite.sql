CREATE TABLE tokens_generated (model TEXT NOT NULL, tokens_generated INTEGER, tokens_prompt INTEGER, timestamp DATETIME, PRIMARY KEY (model, timestamp)) WITHOUT ROWID;
INSERT INTO tokens_generated VALUES ('gpt-4o', 5, 50, '2026-05-01 10:00:00'), ('gpt-4o', 6, 60, '2026-05-02 10:00:00');
