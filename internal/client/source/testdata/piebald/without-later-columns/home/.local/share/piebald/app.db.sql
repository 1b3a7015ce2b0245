CREATE TABLE messages (id TEXT, parent_chat_id TEXT, model TEXT, input_tokens INTEGER, output_tokens INTEGER, created_at INTEGER);
INSERT INTO messages VALUES ('a', 'c', 'o3', 5, 6, 1777629600000);
