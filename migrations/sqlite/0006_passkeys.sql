-- Passkeys (WebAuthn): public keys whose other half never leaves its owner's device.
CREATE TABLE passkey (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    -- SHA-256 of the credential's id, which may be long: what a passkey is found by.
    credential_hash BLOB NOT NULL,
    -- What its user calls it.
    name TEXT NOT NULL,
    -- The public key and the signature counter. No secrets, but whoever could write them could
    -- sign in: so they are sealed.
    credential_sealed BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE UNIQUE INDEX passkey_credential ON passkey (credential_hash);
CREATE INDEX passkey_user ON passkey (user_id);
