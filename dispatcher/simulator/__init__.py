"""A stand-in for RingCentral over real HTTP. It imports nothing of the rest."""
