CREATE TABLE ItemTable (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB);
CREATE TABLE cursorDiskKV (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB);
INSERT INTO cursorDiskKV VALUES ('bubbleId:c1:b1', '{"_v":3,"type":2,"bubbleId":"b","requestId":"","tokenCount":{"inputTokens":10,"outputTokens":1},"text":"CANARY \"tokenCount\"","richText":"CANARY"}');
INSERT INTO cursorDiskKV VALUES ('composerData:c1', '{"composerId":"c1","createdAt":1777716000000,"name":"CANARY","promptTokenBreakdown":{"totalUsedTokens":41000},"contextTokensUsed":41000,"modelConfig":{"modelName":"gpt-5"}}');
INSERT INTO cursorDiskKV VALUES ('bubbleId:c2:b1', '{"_v":3,"type":2,"bubbleId":"b","requestId":"rq1","tokenCount":{"inputTokens":20,"outputTokens":2},"text":"CANARY \"tokenCount\"","richText":"CANARY","createdAt":1777629600000,"modelInfo":{"modelName":"default"}}');
INSERT INTO cursorDiskKV VALUES ('composerData:c2', '{"composerId":"c1","createdAt":1777629600000,"name":"CANARY","promptTokenBreakdown":{"totalUsedTokens":41000},"contextTokensUsed":41000,"modelConfig":{"modelName":"default"}}');
INSERT INTO cursorDiskKV VALUES ('agentKv:blob:1', '{"role":"assistant","content":["CANARY"],"providerOptions":{"cursor":{"requestId":"rq1","modelName":"composer-2.5"}}}');
INSERT INTO cursorDiskKV VALUES ('bubbleId:c3:b1', '{"_v":3,"type":2,"bubbleId":"b","requestId":"rq9","tokenCount":{"inputTokens":30,"outputTokens":3},"text":"CANARY \"tokenCount\"","richText":"CANARY","createdAt":1777629600000}');
