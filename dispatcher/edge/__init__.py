"""The outside world: each module here owns one thing that is not ours."""
