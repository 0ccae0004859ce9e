"""`sms-dispatcher demo`: a whole campaign on this machine alone, nothing configured."""
