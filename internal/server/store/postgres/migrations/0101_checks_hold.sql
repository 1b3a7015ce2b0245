-- +goose Up
-- +goose StatementBegin
SET LOCAL ROLE tf_owner;
-- By itself: this reads the table, and keeps nobody from reading and writing it meanwhile.
ALTER TABLE tf.usage_day VALIDATE CONSTRAINT usage_day_day_check;
ALTER TABLE tf.usage_day VALIDATE CONSTRAINT usage_day_source_check;
ALTER TABLE tf.usage_day VALIDATE CONSTRAINT usage_day_model_check;
-- +goose StatementEnd
