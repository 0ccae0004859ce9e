-- The one access token that all processes of a login share.

CREATE TABLE newsletter.sms_logins (
    login text PRIMARY KEY,
    token bytea,
    generation bigint NOT NULL DEFAULT 0,
    issued_at timestamptz,
    renew_at timestamptz,
    expires_at timestamptz,
    renewing_until timestamptz,
    asked_at timestamptz[] NOT NULL DEFAULT '{}',
    refused_until timestamptz,
    refused_code text,
    refused_for bytea
);
COMMENT ON TABLE newsletter.sms_logins IS 'The access token that all processes of a login share, sealed, and whose turn it is to log in. Written by the dispatcher.';
COMMENT ON COLUMN newsletter.sms_logins.login IS 'The login.';
COMMENT ON COLUMN newsletter.sms_logins.token IS 'The token, sealed with a key made from the client''s secret. One that can''t be opened is ignored and replaced.';
COMMENT ON COLUMN newsletter.sms_logins.generation IS 'Grows with each login: tells a token from the one before.';
COMMENT ON COLUMN newsletter.sms_logins.issued_at IS 'When the token was asked for, by the database''s clock.';
COMMENT ON COLUMN newsletter.sms_logins.renew_at IS 'From when on the next token is fetched, while this one is still used.';
COMMENT ON COLUMN newsletter.sms_logins.expires_at IS 'When the token ends.';
COMMENT ON COLUMN newsletter.sms_logins.renewing_until IS 'A process is logging in; if it has not finished by then, the next one may.';
COMMENT ON COLUMN newsletter.sms_logins.asked_at IS 'When each login of the last minute was over; of one under way, when it will be at the latest.';
COMMENT ON COLUMN newsletter.sms_logins.refused_until IS 'Nobody logs in before this time: the last login failed.';
COMMENT ON COLUMN newsletter.sms_logins.refused_code IS 'RingCentral''s code of that failure, if it refused.';
COMMENT ON COLUMN newsletter.sms_logins.refused_for IS 'A fingerprint of the credentials that it refused: who has others need not wait.';
