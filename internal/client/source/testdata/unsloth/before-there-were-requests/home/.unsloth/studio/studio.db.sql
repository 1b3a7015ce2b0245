CREATE TABLE chat_messages (id TEXT, metadata_json TEXT);
INSERT INTO chat_messages VALUES ('a', '{"CANARY":1}');
