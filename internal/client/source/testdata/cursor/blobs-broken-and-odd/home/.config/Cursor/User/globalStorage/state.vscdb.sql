CREATE TABLE ItemTable (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB);
CREATE TABLE cursorDiskKV (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB);
INSERT INTO cursorDiskKV VALUES ('bubbleId:c1:b1', CAST('{"_v":3,"type":2,"bubbleId":"b","requestId":"rq1","tokenCount":{"inputTokens":10,"outputTokens":1},"text":"CANARY \"tokenCount\"","richText":"CANARY","createdAt":"2026-05-01T10:00:00.000Z","modelInfo":{"modelName":"claude-4.5-sonnet"}}' AS BLOB));
INSERT INTO cursorDiskKV VALUES ('bubbleId:c1:b2', CAST('{"_v":3,"type":2,"bubbleId":"b","requestId":"rq1","tokenCount":{"inputTokens":"20","outputTokens":"x"},"text":"CANARY \"tokenCount\"","richText":"CANARY","createdAt":"2026-05-01T10:00:00.000Z","modelInfo":{"modelName":"claude-4.5-sonnet"}}' AS BLOB));
INSERT INTO cursorDiskKV VALUES ('bubbleId:c1:b3', CAST('{"_v":3,"type":2,"bubbleId":"b","requestId":"rq1","tokenCount":{"inputTokens":-5,"outputTokens":3.7},"text":"CANARY \"tokenCount\"","richText":"CANARY","createdAt":"2026-05-01T10:00:00.000Z","modelInfo":{"modelName":"claude-4.5-sonnet"}}' AS BLOB));
INSERT INTO cursorDiskKV VALUES ('bubbleId:c1:b4', x'7b22746f6b656e436f756e74223a7b22696e707574546f6b656e73223a35c3');
INSERT INTO cursorDiskKV VALUES ('bubbleId:c1:b5', NULL);
INSERT INTO cursorDiskKV VALUES ('bubbleId:c1:b6', '{"_v":3,"type":2,"bubbleId":"b","requestId":"rq1","tokenCount":{"inputTokens":20000000000,"outputTokens":1},"text":"CANARY \"tokenCount\"","richText":"CANARY","createdAt":"2026-05-01T10:00:00.000Z","modelInfo":{"modelName":"claude-4.5-sonnet"}}');
