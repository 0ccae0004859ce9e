-- The audit's steps 5 to 7, as the document writes them.
CREATE TABLE newsletter.sms_templates (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    name VARCHAR(100) NOT NULL,
    content TEXT NOT NULL,
    category VARCHAR(50) NOT NULL,
    variables JSONB DEFAULT '[]'::jsonb,
    is_active BOOLEAN DEFAULT true,
    created_at TIMESTAMPTZ DEFAULT NOW(),
    updated_at TIMESTAMPTZ DEFAULT NOW()
);
CREATE INDEX idx_sms_templates_category ON newsletter.sms_templates(category);
CREATE INDEX idx_sms_templates_active ON newsletter.sms_templates(is_active);

CREATE TABLE newsletter.campaign_budgets (
    campaign_id UUID PRIMARY KEY REFERENCES newsletter.campaigns(id) ON DELETE CASCADE,
    budget_cents INTEGER NOT NULL DEFAULT 0,
    spent_cents INTEGER NOT NULL DEFAULT 0,
    exceeded_at TIMESTAMPTZ,
    CHECK (spent_cents <= budget_cents OR budget_cents = 0)
);
CREATE INDEX idx_campaign_budgets_exceeded ON newsletter.campaign_budgets(exceeded_at);

CREATE TYPE sms_queue_status AS ENUM ('pending', 'sending', 'sent', 'failed');
CREATE TABLE newsletter.sms_send_queue (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    campaign_id UUID REFERENCES newsletter.campaigns(id) ON DELETE CASCADE,
    subscriber_id UUID REFERENCES newsletter.subscribers(id) ON DELETE CASCADE,
    phone_number VARCHAR(20) NOT NULL,
    message_content TEXT NOT NULL,
    status sms_queue_status NOT NULL DEFAULT 'pending',
    scheduled_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    sent_at TIMESTAMPTZ,
    attempts INTEGER DEFAULT 0,
    last_error TEXT,
    created_at TIMESTAMPTZ DEFAULT NOW()
);
CREATE INDEX idx_sms_queue_status ON newsletter.sms_send_queue(status);
CREATE INDEX idx_sms_queue_scheduled ON newsletter.sms_send_queue(scheduled_at);
