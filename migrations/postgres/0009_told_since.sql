-- Since when somebody tells the phone number and the e-mail address that she tells; without one,
-- since the account was made. Of those who tell the same and have not proved it, the first counts.
ALTER TABLE user_account ADD COLUMN phone_told_at BIGINT;
ALTER TABLE user_account ADD COLUMN email_told_at BIGINT;
