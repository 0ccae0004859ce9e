"""The imperative shell: one story per file. Loops do not know each other."""
