CREATE TABLE ItemTable (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB);
CREATE TABLE cursorDiskKV (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB);
INSERT INTO cursorDiskKV VALUES ('bubbleId:task-call_1
fc_2:b1', '{"_v":3,"type":2,"bubbleId":"b","requestId":"rq1","tokenCount":{"inputTokens":1200,"outputTokens":340},"text":"CANARY \"tokenCount\"","richText":"CANARY","createdAt":"2026-05-01T10:00:00.000Z","modelInfo":{"modelName":"claude-4.5-sonnet"}}');
INSERT INTO cursorDiskKV VALUES ('bubbleId:c1:b1', '{"_v":3,"type":2,"bubbleId":"b","requestId":"rq1","tokenCount":{"inputTokens":5,"outputTokens":6},"text":"CANARY \"tokenCount\"","richText":"CANARY","createdAt":"2026-05-01T10:00:00.000Z","modelInfo":{"modelName":"claude-4.5-sonnet"}}');
