-- One live branch of tokens: the generation whose refresh token was renewed last, and the last one
-- that had been issued by then. What was issued beside it, before somebody renewed it, is good no
-- more.
ALTER TABLE session ADD COLUMN renewed_gen BIGINT NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN void_gen BIGINT NOT NULL DEFAULT 0;
