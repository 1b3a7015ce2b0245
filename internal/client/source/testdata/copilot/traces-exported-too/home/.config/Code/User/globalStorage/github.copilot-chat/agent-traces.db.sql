CREATE TABLE spans (span_id TEXT PRIMARY KEY, trace_id TEXT, parent_span_id TEXT, name TEXT, operation_name TEXT, start_time_ms INTEGER, end_time_ms INTEGER, response_model TEXT);
CREATE TABLE span_attributes (span_id TEXT, key TEXT, value TEXT);
INSERT INTO spans VALUES ('s1', 't1', NULL, 'chat CANARY', 'chat', 1777629600000, 1777629600005, 'claude-sonnet-4.5');
INSERT INTO span_attributes VALUES ('s1', 'gen_ai.usage.input_tokens', '1000');
INSERT INTO span_attributes VALUES ('s1', 'gen_ai.usage.output_tokens', 50);
INSERT INTO span_attributes VALUES ('s1', 'gen_ai.usage.cache_read.input_tokens', 700);
INSERT INTO span_attributes VALUES ('s1', 'gen_ai.usage.cache_creation.input_tokens', 200);
INSERT INTO span_attributes VALUES ('s1', 'gen_ai.usage.reasoning.output_tokens', 20);
INSERT INTO span_attributes VALUES ('s1', 'gen_ai.input.messages', 'CANARY');
