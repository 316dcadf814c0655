-- What was done to somebody or something, newest first.
CREATE INDEX audit_log_target ON audit_log (target_kind, target_id, at);
