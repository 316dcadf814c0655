-- Who is signed in, and what proves it. Secrets are stored hashed, or sealed with a key from
-- outside the database.

CREATE TABLE session (
    -- A UUID: the `sid` of every token of this sign-in.
    id TEXT PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    -- 'api' or 'browser'.
    kind TEXT NOT NULL CHECK (kind IN ('api', 'browser')),
    ip TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    -- The absolute end; no renewal goes past it.
    expires_at BIGINT NOT NULL,
    -- Generations of tokens: the last one issued, and the highest one seen in use.
    issued_gen BIGINT NOT NULL DEFAULT 1,
    used_gen BIGINT NOT NULL DEFAULT 1,
    -- The `jti` of the newest access token.
    access_jti TEXT,
    revoked_at BIGINT,
    revoke_reason TEXT,
    -- SHA-256 of the browser's session cookie, and what tower-sessions keeps with it.
    cookie_hash BLOB,
    data TEXT
);
CREATE UNIQUE INDEX session_cookie_hash ON session (cookie_hash) WHERE cookie_hash IS NOT NULL;
CREATE INDEX session_user_id ON session (user_id);
CREATE INDEX session_expires ON session (expires_at);

CREATE TABLE refresh_token (
    -- SHA-256 of the token.
    hash BLOB PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    gen BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX refresh_token_session ON refresh_token (session_id);

CREATE TABLE signing_key (
    kid TEXT PRIMARY KEY,
    -- 'EdDSA', 'ES256' or 'RS256'.
    algorithm TEXT NOT NULL,
    private_sealed BLOB NOT NULL,
    public_jwk TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- It signs from `active_at` until a newer one is active, and verifies until `expires_at`.
    active_at BIGINT NOT NULL,
    expires_at BIGINT
);

CREATE TABLE captcha (
    key TEXT PRIMARY KEY,
    answer_sealed BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX captcha_expires ON captcha (expires_at);

CREATE TABLE one_time_code (
    id TEXT PRIMARY KEY,
    -- 'sms_login', 'otp_ticket', 'password_reset', …
    purpose TEXT NOT NULL,
    -- A keyed hash of the phone, address or user that it was sent to.
    target_hash BLOB NOT NULL,
    code_hash BLOB NOT NULL,
    user_id BIGINT REFERENCES user_account (id) ON DELETE CASCADE,
    data TEXT,
    ip TEXT NOT NULL,
    tries BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX one_time_code_target ON one_time_code (purpose, target_hash, created_at);
CREATE INDEX one_time_code_expires ON one_time_code (expires_at);

CREATE TABLE external_identity (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    provider TEXT NOT NULL,
    app_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    union_id TEXT,
    user_id BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    display_name TEXT NOT NULL DEFAULT '',
    avatar TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE UNIQUE INDEX external_identity_subject ON external_identity (provider, app_id, subject);
CREATE INDEX external_identity_user ON external_identity (user_id);

CREATE TABLE second_factor (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    -- 'totp' or 'passkey'.
    kind TEXT NOT NULL CHECK (kind IN ('totp', 'passkey')),
    name TEXT NOT NULL DEFAULT '',
    secret_sealed BLOB NOT NULL,
    -- TOTP: the last time step that was accepted, which is good once only (RFC 6238, 5.2).
    last_step BIGINT,
    created_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    last_used_at BIGINT
);
CREATE INDEX second_factor_user ON second_factor (user_id);

CREATE TABLE recovery_code (
    user_id BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    code_hash BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (user_id, code_hash)
);

-- Failures in a row, by name, by address, by both: what captchas and delays go by.
CREATE TABLE throttle (
    key TEXT PRIMARY KEY,
    failures BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);
CREATE INDEX throttle_last ON throttle (last_at);
