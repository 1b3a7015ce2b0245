-- +goose Up
-- +goose StatementBegin
-- The key of the marks of erased accounts is there before the first backup is: a restored database that had to make another
-- would know nobody in the journal.
SET LOCAL ROLE tf_door;
INSERT INTO tf.secret VALUES ('erasure', decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex')) ON CONFLICT DO NOTHING;
SET LOCAL ROLE tf_owner;
-- +goose StatementEnd
