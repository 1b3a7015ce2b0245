-- +goose Up

-- Prints of an account that keeps sending change with each upload, and an index of what is spread by nature takes a page for each. Until
-- the account's lines are made again (it is in due) its new prints are not in the index.
ALTER TABLE prints ADD COLUMN pending INTEGER NOT NULL DEFAULT 0 CHECK (pending IN (0, 1));
DROP INDEX prints_print;
CREATE INDEX prints_print ON prints (print) WHERE pending = 0;
