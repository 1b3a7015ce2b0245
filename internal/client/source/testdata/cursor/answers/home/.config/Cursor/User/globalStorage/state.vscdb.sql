CREATE TABLE ItemTable (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB);
CREATE TABLE cursorDiskKV (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB);
INSERT INTO cursorDiskKV VALUES ('bubbleId:c1:b0', '{"_v":3,"type":1,"bubbleId":"b","requestId":"rq1","tokenCount":{"inputTokens":9,"outputTokens":9},"text":"CANARY \"tokenCount\"","richText":"CANARY","createdAt":"2026-05-01T10:00:00.000Z","modelInfo":{"modelName":"claude-4.5-sonnet"}}');
INSERT INTO cursorDiskKV VALUES ('bubbleId:c1:b1', '{"_v":3,"type":2,"bubbleId":"b","requestId":"rq1","tokenCount":{"inputTokens":1200,"outputTokens":340},"text":"CANARY \"tokenCount\"","richText":"CANARY","createdAt":"2026-05-01T10:00:00.000Z","modelInfo":{"modelName":"claude-4.5-sonnet"}}');
INSERT INTO cursorDiskKV VALUES ('bubbleId:c1:b2', '{"_v":3,"type":2,"bubbleId":"b","requestId":"rq1","tokenCount":{"inputTokens":0,"outputTokens":0},"text":"CANARY \"tokenCount\"","richText":"CANARY","createdAt":"2026-05-01T10:00:00.000Z","modelInfo":{"modelName":"claude-4.5-sonnet"}}');
INSERT INTO cursorDiskKV VALUES ('composerData:c1', '{"composerId":"c1","createdAt":1777629600000,"name":"CANARY","promptTokenBreakdown":{"totalUsedTokens":41000},"contextTokensUsed":41000,"modelConfig":{"modelName":"default"}}');
INSERT INTO cursorDiskKV VALUES ('agentKv:blob:x', '{"role":"assistant","content":["CANARY"]}');
