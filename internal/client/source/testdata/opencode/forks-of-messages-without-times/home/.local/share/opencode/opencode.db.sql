CREATE TABLE session (id TEXT PRIMARY KEY, directory TEXT);
CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT, time_created INTEGER, data TEXT);
CREATE TABLE session_message (id TEXT PRIMARY KEY, session_id TEXT, type TEXT, seq INTEGER, time_created INTEGER, data TEXT);
INSERT INTO session VALUES ('ses_1', '/w/CANARY'), ('ses_2', '/w/CANARY');
-- a message that tells no time of its own, and its copy
INSERT INTO message VALUES ('msg_1', 'ses_1', 1777629600000, '{"role":"assistant","modelID":"gpt-5.2","providerID":"openai","time":{},"tokens":{"input":100,"output":50,"reasoning":0,"cache":{"read":10,"write":5}},"text":"CANARY"}');
INSERT INTO message VALUES ('msg_3', 'ses_2', 1777629600000, '{"role":"assistant","modelID":"gpt-5.2","providerID":"openai","time":{},"tokens":{"input":100,"output":50,"reasoning":0,"cache":{"read":10,"write":5}},"text":"CANARY"}');
-- another one at another time
INSERT INTO message VALUES ('msg_4', 'ses_2', 1777629601000, '{"role":"assistant","modelID":"gpt-5.2","providerID":"openai","time":{},"tokens":{"input":100,"output":50,"reasoning":0,"cache":{"read":10,"write":5}},"text":"CANARY"}');
-- a message of the first kind whose copy alone has become one of the second
INSERT INTO message VALUES ('msg_2', 'ses_1', 1777629700000, '{"role":"assistant","modelID":"gpt-5.2","providerID":"openai","time":{"created":1777629700000},"tokens":{"input":7,"output":40,"reasoning":30,"cache":{"read":0,"write":0}},"text":"CANARY"}');
INSERT INTO session_message VALUES ('msg_5', 'ses_2', 'assistant', 1, 1777629700000, '{"model":{"id":"gpt-5.2","providerID":"openai"},"time":{"created":1777629700000},"tokens":{"input":7,"output":40,"reasoning":30,"cache":{"read":0,"write":0}},"content":"CANARY"}');
