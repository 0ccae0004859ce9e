"""The life of rows and budgets against a real database: who acts, and what must hold."""
