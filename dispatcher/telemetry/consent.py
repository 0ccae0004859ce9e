"""What people write back, and what they agree to."""

from dispatcher.telemetry.told import Told


class ConsentEvents(Told):
    """What people write back, and what they agree to."""
