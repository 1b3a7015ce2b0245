-- +goose Up

-- As before, with the accounts looked up first and then their days: SQLite keeps to the order of a CROSS JOIN.
DROP VIEW public_user_days;
CREATE VIEW public_user_days AS
  SELECT u.id AS user_id, d.day, CASE WHEN u.hidden & 4 = 0 THEN d.source END AS source, CASE WHEN u.hidden & 2 = 0 THEN d.family END AS family,
    d.input + d.cache_read + d.cache_write_5m + d.cache_write_1h + d.output AS tokens
    FROM users u CROSS JOIN user_day d ON d.user_id = u.id WHERE u.visibility = 2 AND u.state = 0 AND u.hidden & 8 = 0;
