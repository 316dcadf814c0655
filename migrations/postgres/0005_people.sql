-- All that lists of users are filtered, sorted and counted by, so that none of it is read from
-- the table itself. SQLite takes an index for all it needs only when `deleted_at` is in it too.
CREATE INDEX user_account_list ON user_account (
    deleted_at, created_at, id, username_key, nickname, phone, email_key, status, dept_id, login_at
);
