"""What kills, freezes and starts daemons again, and reckons what became of every text."""
