-- +goose Up

-- When the lines of an account that keeps sending are to be made, unless somebody reads them before.
ALTER TABLE due ADD COLUMN not_before INTEGER NOT NULL DEFAULT 0;
