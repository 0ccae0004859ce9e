"""PostgreSQL: each subject a `.py` with its `.sql` twin."""
