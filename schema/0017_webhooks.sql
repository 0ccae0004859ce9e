-- The subscription by which RingCentral tells us of changes at once.
CREATE TABLE newsletter.sms_subscriptions (
    login text PRIMARY KEY,
    subscription_id text,
    owner_id text,
    address text NOT NULL,
    token_mark bytea NOT NULL,
    status text NOT NULL,
    expires_at timestamptz,
    silent_after interval NOT NULL,
    checked_at timestamptz NOT NULL DEFAULT now(),
    heard_at timestamptz,
    quiet_since timestamptz,
    CHECK (status <> 'Active' OR (subscription_id IS NOT NULL AND expires_at IS NOT NULL))
);
COMMENT ON TABLE newsletter.sms_subscriptions IS 'The subscription by which RingCentral tells of changes at once. Written by the dispatcher.';
COMMENT ON COLUMN newsletter.sms_subscriptions.login IS 'The login.';
COMMENT ON COLUMN newsletter.sms_subscriptions.subscription_id IS 'RingCentral''s id: notifications of no other are believed. NULL while there is none.';
COMMENT ON COLUMN newsletter.sms_subscriptions.owner_id IS 'The extension that it belongs to: notifications of no other are believed. NULL if RingCentral did not say.';
COMMENT ON COLUMN newsletter.sms_subscriptions.address IS 'The public address that it calls.';
COMMENT ON COLUMN newsletter.sms_subscriptions.token_mark IS 'A fingerprint of the verification token that it was made with: with another setting it is made anew.';
COMMENT ON COLUMN newsletter.sms_subscriptions.status IS 'RingCentral''s word, as Active; or ours: Missing (it could not be made), Off (none is wanted any more).';
COMMENT ON COLUMN newsletter.sms_subscriptions.expires_at IS 'When it ends unless it is renewed.';
COMMENT ON COLUMN newsletter.sms_subscriptions.silent_after IS 'How long no notification may come while texts go out, until an alert says so: the setting of who checked.';
COMMENT ON COLUMN newsletter.sms_subscriptions.checked_at IS 'When we last asked RingCentral for it.';
COMMENT ON COLUMN newsletter.sms_subscriptions.heard_at IS 'When a notification of it last came, within ten seconds.';
COMMENT ON COLUMN newsletter.sms_subscriptions.quiet_since IS 'Since when texts have gone out and no notification came.';
