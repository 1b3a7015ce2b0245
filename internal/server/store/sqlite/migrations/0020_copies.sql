-- +goose Up

-- What tells a device's rows of one cell from others: a keyed digest of their counts. Two that are the same are one history.
CREATE TABLE prints (
  user_id       INTEGER NOT NULL,
  device_id     INTEGER NOT NULL,
  day           TEXT NOT NULL,
  source        TEXT NOT NULL,
  print         BLOB NOT NULL CHECK (length(print) = 32),
  first_seen_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, day, source, device_id),
  FOREIGN KEY (user_id, device_id) REFERENCES devices (user_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX prints_print ON prints (print);

-- A device's part of a cell that counts already on another device, or was released from that.
CREATE TABLE copies (
  user_id     INTEGER NOT NULL,
  device_id   INTEGER NOT NULL,
  day         TEXT NOT NULL,
  source      TEXT NOT NULL,
  found_at    INTEGER NOT NULL,
  released_at INTEGER,
  PRIMARY KEY (user_id, day, source, device_id),
  FOREIGN KEY (user_id, device_id) REFERENCES devices (user_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
