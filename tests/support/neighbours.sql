-- Other applications' tables that the audit document names, as they may stand: keys missing, misdirected, contradicted.
CREATE SCHEMA identity; CREATE SCHEMA support; CREATE SCHEMA bookings; CREATE SCHEMA core;
CREATE TABLE identity.users (id uuid PRIMARY KEY);
CREATE TABLE identity.station_users (id int PRIMARY KEY, user_id uuid);
CREATE TABLE support.audit_logs (id int PRIMARY KEY, user_id uuid);
CREATE TABLE core.bookings (id uuid PRIMARY KEY, sms_consent boolean, sms_consent_timestamp timestamptz);
CREATE TABLE bookings.booking_reminders (id int PRIMARY KEY, booking_id uuid);
CREATE TABLE public.old_bookings (id uuid PRIMARY KEY);
CREATE TABLE public.catering_payments (id int PRIMARY KEY, booking_id uuid REFERENCES public.old_bookings);
CREATE TABLE public.payment_notifications (id int PRIMARY KEY, booking_id uuid REFERENCES core.bookings ON DELETE SET NULL);
INSERT INTO identity.users SELECT md5('user' || i)::uuid FROM generate_series(1, 10) i;
INSERT INTO identity.station_users SELECT i, md5('user' || i)::uuid FROM generate_series(1, 10) i;
-- Five of a thousand belong to nobody.
INSERT INTO support.audit_logs SELECT i, CASE WHEN i > 995 THEN md5('gone' || i)::uuid WHEN i % 2 = 0 THEN md5('user' || 1 + i % 10)::uuid END
  FROM generate_series(1, 1000) i;
INSERT INTO core.bookings SELECT md5('booking' || i)::uuid, i % 2 = 0, CASE WHEN i % 4 = 0 THEN now() END FROM generate_series(1, 100) i;
INSERT INTO bookings.booking_reminders SELECT i, md5('booking' || i)::uuid FROM generate_series(1, 100) i;
