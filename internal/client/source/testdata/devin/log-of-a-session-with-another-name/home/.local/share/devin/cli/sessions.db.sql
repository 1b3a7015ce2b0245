CREATE TABLE sessions (id TEXT PRIMARY KEY, title TEXT, working_directory TEXT, model TEXT, hidden INTEGER);
CREATE TABLE message_nodes (row_id INTEGER PRIMARY KEY, session_id TEXT, chat_message TEXT, created_at INTEGER, metadata TEXT);
INSERT INTO sessions VALUES ('humane-truck', 'CANARY', '/w/CANARY', 'swe-2', 0);
INSERT INTO message_nodes VALUES (1, 'humane-truck', '{"role":"assistant","content":"CANARY","metadata":{"generation_model":"swe-2","metrics":{"input_tokens":45,"output_tokens":10,"cache_read_tokens":50,"cache_creation_tokens":5}}}', 1777629600, NULL);
