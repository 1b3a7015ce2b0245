CREATE TABLE session (id text PRIMARY KEY, directory text NOT NULL, title text NOT NULL, time_created integer NOT NULL, time_updated integer NOT NULL);
CREATE TABLE message (id text PRIMARY KEY, session_id text NOT NULL, time_created integer NOT NULL, time_updated integer NOT NULL, data text NOT NULL);
CREATE TABLE part (id text PRIMARY KEY, message_id text NOT NULL, session_id text NOT NULL, time_created integer NOT NULL, time_updated integer NOT NULL, data text NOT NULL);
INSERT INTO session VALUES ('ses_1', '/w/CANARY', 'CANARY', 1777629600000, 1777629600000);
INSERT INTO message VALUES ('m1', 'ses_1', 1777716000000, 1777629600000, '{"role":"assistant","modelID":"z-ai/glm-5:free","providerID":"kilo","time":{"created":1777629600001},"cost":0.017,"tokens":{"input":20,"output":2,"reasoning":0,"cache":{"read":0,"write":0}}}');
