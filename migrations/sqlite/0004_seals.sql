-- Seals over the audit log: that an entry is gone shows. They are made now and then over what was
-- written since the last one, so that who writes an entry waits for nobody.

CREATE TABLE audit_seal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- It covers the entries with numbers from `first_entry` to `last_entry`.
    first_entry BIGINT NOT NULL,
    last_entry BIGINT NOT NULL,
    -- How many they are.
    entries BIGINT NOT NULL,
    -- SHA-256 of their numbers and signatures.
    digest BLOB NOT NULL,
    at BIGINT NOT NULL,
    -- HMAC-SHA-256 of the seal and of the signature of the one before it.
    mac BLOB NOT NULL
);
CREATE UNIQUE INDEX audit_seal_first ON audit_seal (first_entry);
