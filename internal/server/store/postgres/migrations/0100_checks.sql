-- +goose Up
-- +goose StatementBegin
SET LOCAL ROLE tf_owner;
-- What a row may be called is as before, said without patterns: a pattern took longer than writing the row, and is matched with every
-- write of it, twice where the row is there already. What the old checks let through these do, so that no row is read here.
ALTER TABLE tf.usage_day DROP CONSTRAINT usage_day_day_check, DROP CONSTRAINT usage_day_source_check, DROP CONSTRAINT usage_day_model_check;
ALTER TABLE tf.usage_day
  ADD CONSTRAINT usage_day_day_check CHECK (translate(day, '123456789', '000000000') = '0000-00-00') NOT VALID,
  ADD CONSTRAINT usage_day_source_check CHECK (length(source) BETWEEN 1 AND 32 AND ltrim(source, 'abcdefghijklmnopqrstuvwxyz0123456789-') = ''
    AND left(source, 1) <> '-') NOT VALID,
  ADD CONSTRAINT usage_day_model_check CHECK (length(model) BETWEEN 1 AND 96 AND ltrim(model, 'abcdefghijklmnopqrstuvwxyz0123456789._:/@+-') = ''
    AND strpos('._:/@+-', left(model, 1)) = 0) NOT VALID;
-- +goose StatementEnd
