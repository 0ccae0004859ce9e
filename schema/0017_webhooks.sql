-- The subscription by which RingCentral tells us of changes at once.
CREATE TABLE newsletter.sms_subscriptions (
    login text PRIMARY KEY,
    subscription_id text NOT NULL,
    owner_id text NOT NULL,
    address text NOT NULL,
    token_mark bytea NOT NULL,
    status text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    checked_at timestamptz NOT NULL,
    heard_at timestamptz
);
COMMENT ON TABLE newsletter.sms_subscriptions IS 'The subscription by which RingCentral tells of changes at once. Written by the dispatcher.';
COMMENT ON COLUMN newsletter.sms_subscriptions.login IS 'The login.';
COMMENT ON COLUMN newsletter.sms_subscriptions.subscription_id IS 'RingCentral''s id: notifications of no other are believed.';
COMMENT ON COLUMN newsletter.sms_subscriptions.owner_id IS 'The extension that it belongs to: notifications of no other are believed.';
COMMENT ON COLUMN newsletter.sms_subscriptions.address IS 'The public address that it calls.';
COMMENT ON COLUMN newsletter.sms_subscriptions.token_mark IS 'A fingerprint of the verification token that it was made with: with another setting it is made anew.';
COMMENT ON COLUMN newsletter.sms_subscriptions.status IS 'RingCentral''s word: Active or Blacklisted.';
COMMENT ON COLUMN newsletter.sms_subscriptions.created_at IS 'When it was made.';
COMMENT ON COLUMN newsletter.sms_subscriptions.expires_at IS 'When it ends unless it is renewed.';
COMMENT ON COLUMN newsletter.sms_subscriptions.checked_at IS 'When we last asked RingCentral for it.';
COMMENT ON COLUMN newsletter.sms_subscriptions.heard_at IS 'When a notification of it last came.';
