"""What RingCentral says of texts afterwards."""

from dispatcher.telemetry.told import Told


class ReceiptEvents(Told):
    """What RingCentral says of texts afterwards."""
