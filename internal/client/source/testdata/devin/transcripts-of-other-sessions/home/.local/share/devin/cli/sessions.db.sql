CREATE TABLE sessions(id TEXT PRIMARY KEY, working_directory TEXT, model TEXT, title TEXT, created_at INTEGER, last_activity_at INTEGER, hidden INTEGER);
CREATE TABLE message_nodes(row_id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT NOT NULL, node_id INTEGER NOT NULL, parent_node_id INTEGER, chat_message TEXT NOT NULL, created_at INTEGER, metadata TEXT);
INSERT INTO sessions VALUES('d1','/w/CANARY-cwd','swe-1-7','CANARY',1,1,0),('d2','/w','adaptive','CANARY',1,1,1);
INSERT INTO message_nodes(session_id,node_id,chat_message,created_at) VALUES('d1',1,'{"role":"assistant","content":"CANARY","metadata":{"generation_model":"claude-opus-4-5","metrics":{"input_tokens":100,"output_tokens":50,"cache_read_tokens":0,"cache_creation_tokens":0},"num_tokens":99}}',1777629600);
