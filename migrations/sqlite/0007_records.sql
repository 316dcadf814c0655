-- What the records' pages and the overview are read by.
-- Sign-ins of a day, and actions of one kind, newest first, without a look at the table itself.
CREATE INDEX audit_log_action ON audit_log (kind, action, at, success, actor_id);
-- Sessions that have not ended, the last seen first.
CREATE INDEX session_seen ON session (last_seen_at, id) WHERE revoked_at IS NULL;
-- The few who must choose a new password.
CREATE INDEX user_account_password_due ON user_account (deleted_at, status, dept_id)
    WHERE must_change_password = 1;
