-- What happened, what was uploaded, what was set.

CREATE TABLE audit_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at BIGINT NOT NULL,
    -- 'login' for sign-ins and what ends them, 'operation' for changes.
    kind TEXT NOT NULL CHECK (kind IN ('login', 'operation')),
    action TEXT NOT NULL,
    success BIGINT NOT NULL,
    actor_id BIGINT,
    actor_name TEXT NOT NULL,
    session_id TEXT,
    ip TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    target_kind TEXT,
    target_id TEXT,
    target_name TEXT,
    -- JSON: the reason of a refusal, or what was before and after. Never a secret.
    detail TEXT NOT NULL DEFAULT '{}',
    request_id TEXT NOT NULL,
    -- HMAC-SHA-256 of the row with a key from outside the database: a changed row shows.
    mac BLOB NOT NULL
);
CREATE INDEX audit_log_at ON audit_log (kind, at);
CREATE INDEX audit_log_actor ON audit_log (actor_id, at);

CREATE TABLE upload (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 BLOB NOT NULL,
    store_key TEXT NOT NULL,
    owner_id BIGINT REFERENCES user_account (id) ON DELETE SET NULL,
    created_at BIGINT NOT NULL,
    -- When something began to use it; what nothing uses is cleaned up.
    attached_at BIGINT
);
CREATE INDEX upload_owner ON upload (owner_id);

CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    -- JSON.
    value TEXT NOT NULL,
    updated_by BIGINT,
    updated_at BIGINT NOT NULL
);

-- Changes that other processes must hear of. PostgreSQL tells them itself (NOTIFY); beside
-- SQLite a running server reads what the command line writes here.
CREATE TABLE change_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    at BIGINT NOT NULL
);
