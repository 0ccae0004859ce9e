"""A daemon that sends SMS campaigns through RingCentral from a PostgreSQL queue."""
