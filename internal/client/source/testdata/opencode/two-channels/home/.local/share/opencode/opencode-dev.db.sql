CREATE TABLE project (id text PRIMARY KEY, worktree text NOT NULL, name text);
CREATE TABLE session (id text PRIMARY KEY, project_id text NOT NULL, parent_id text, slug text, directory text NOT NULL, title text NOT NULL, version text NOT NULL, time_created integer NOT NULL, time_updated integer NOT NULL, time_archived integer);
CREATE TABLE message (id text PRIMARY KEY, session_id text NOT NULL, time_created integer NOT NULL, time_updated integer NOT NULL, data text NOT NULL);
CREATE INDEX message_session_idx ON message (session_id);
CREATE TABLE part (id text PRIMARY KEY, message_id text NOT NULL, session_id text NOT NULL, time_created integer NOT NULL, time_updated integer NOT NULL, data text NOT NULL);
CREATE INDEX part_message_idx ON part (message_id);
INSERT INTO project VALUES ('prj', '/w/CANARY', 'CANARY');
INSERT INTO session VALUES ('ses_9', 'prj', NULL, 'CANARY', '/w/CANARY', 'CANARY', '1.2.0', 1777629600000, 1777629600000, NULL);
INSERT INTO message VALUES ('msg_9', 'ses_9', 1777629600000, 1777629600000, '{"role":"assistant","modelID":"gpt-5.2","providerID":"openai","parentID":"msg_0","mode":"build","agent":"CANARY","path":{"cwd":"/w/CANARY","root":"/w/CANARY"},"time":{"created":1777629600007,"completed":1777629605007},"cost":0.0123,"tokens":{"input":40,"output":4,"reasoning":0,"cache":{"read":0,"write":0}},"finish":"stop","error":{"name":"CANARY","data":{"message":"CANARY"}}}');
