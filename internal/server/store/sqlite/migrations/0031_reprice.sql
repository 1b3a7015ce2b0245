-- +goose Up

-- What happened when the server's price book changed.
CREATE TABLE repricings (
  id          INTEGER PRIMARY KEY,
  book        TEXT NOT NULL, -- the new one's date
  started_at  INTEGER NOT NULL,
  finished_at INTEGER,
  accounts    INTEGER NOT NULL DEFAULT 0,
  moved       INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE repriced_books (
  repricing INTEGER NOT NULL REFERENCES repricings ON DELETE CASCADE,
  book      TEXT NOT NULL, -- an old one's date
  PRIMARY KEY (repricing, book)
) STRICT, WITHOUT ROWID;
CREATE TABLE repriced_models (
  repricing INTEGER NOT NULL REFERENCES repricings ON DELETE CASCADE,
  model     TEXT NOT NULL,
  PRIMARY KEY (repricing, model)
) STRICT, WITHOUT ROWID;
CREATE TABLE repriced_users (
  repricing INTEGER NOT NULL REFERENCES repricings ON DELETE CASCADE,
  user_id   INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
  rows      INTEGER NOT NULL,
  before    INTEGER NOT NULL, -- micro-dollars of the rows, held ones left out
  after     INTEGER NOT NULL,
  PRIMARY KEY (user_id, repricing)
) STRICT, WITHOUT ROWID;
CREATE INDEX repriced_users_by ON repriced_users (repricing, user_id);

CREATE VIEW public_repricings AS
  SELECT r.id, r.book, r.started_at, r.finished_at,
    CASE WHEN r.finished_at IS NULL THEN (SELECT count(*) FROM repriced_users u WHERE u.repricing = r.id) ELSE r.accounts END AS accounts,
    CASE WHEN r.finished_at IS NULL THEN (SELECT count(*) FROM repriced_users u WHERE u.repricing = r.id AND u.before <> u.after) ELSE r.moved END AS moved,
    (SELECT coalesce(group_concat(b.book, ' '), '') FROM (SELECT book FROM repriced_books b WHERE b.repricing = r.id ORDER BY 1) b) AS books,
    (SELECT coalesce(group_concat(m.model, ' '), '') FROM (SELECT model FROM repriced_models m WHERE m.repricing = r.id ORDER BY 1) m) AS models
    FROM repricings r;
CREATE VIEW public_repriced AS
  SELECT r.repricing, u.handle, r.rows, r.before, r.after FROM repriced_users r JOIN users u ON u.id = r.user_id
   WHERE u.visibility = 2 AND u.state = 0 AND u.hidden & 1 = 0 AND r.before <> r.after;
