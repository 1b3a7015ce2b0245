-- +goose Up

-- Who stands where on a board, and nothing else of them: what ranks are found by, read from the index of each metric alone. A line's
-- visibility says whose account may be seen, as public_lines has it.
CREATE VIEW public_marks AS SELECT user_id, period, source, family, tokens, output FROM score WHERE visibility = 2;
CREATE VIEW public_marks_cost AS SELECT user_id, period, source, family, cost_uusd FROM score WHERE visibility = 2 AND hidden & 1 = 0;
CREATE VIEW public_marks_days AS SELECT user_id, period, source, family, active_days, streak FROM score WHERE visibility = 2 AND hidden & 8 = 0;
