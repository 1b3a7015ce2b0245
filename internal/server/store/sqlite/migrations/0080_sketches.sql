-- +goose Up

-- Of the responses in the cell the smallest marks, by a key of the account; NULL where the device sent none.
ALTER TABLE prints ADD COLUMN sketch BLOB CHECK (length(sketch) BETWEEN 6 AND 384 AND length(sketch) % 6 = 0);
-- The device whose part counts, and how much of this one it has, in percent; NULL where prints tell.
ALTER TABLE copies ADD COLUMN original_id INTEGER;
ALTER TABLE copies ADD COLUMN share INTEGER CHECK (share BETWEEN 1 AND 100);
