-- +goose Up
CREATE INDEX audit_user ON audit (user_id, id);
