-- +goose Up
-- The key of the marks of erased accounts is there before the first backup is: a restored database that had to make another
-- would know nobody in the journal.
INSERT INTO secret VALUES ('erasure', randomblob(32)) ON CONFLICT DO NOTHING;
