"""What RingCentral calls us with, and the subscription for it."""

from dispatcher.telemetry.told import Told


class WebhookEvents(Told):
    """What RingCentral calls us with, and the subscription for it."""
