"""Builds everything, starts the loops, and brings them down in order."""
