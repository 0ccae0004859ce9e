"""What RingCentral says of texts afterwards."""

from collections.abc import Mapping
from datetime import datetime

from dispatcher.telemetry.told import Id, Told


class ReceiptEvents(Told):
    """What RingCentral says of texts afterwards."""

    def record_read(self, news: int) -> None:
        self._meters.count("record_news_total", by=news)

    def gap_filled(self, since: datetime, until: datetime, pages: int, news: int) -> None:
        self._meters.count("record_news_total", by=news)
        self._voice.say("gap_filled", since=since, until=until, pages=pages, news=news)

    def receipts_applied(self, verdicts: Mapping[str, int], early: int) -> None:
        for verdict, number in verdicts.items():
            self._meters.count("receipts_applied_total", verdict, by=number)
        self._meters.count("receipts_early_total", by=early)

    def texts_unconfirmed(self, texts: int) -> None:
        self._meters.count("texts_unconfirmed_total", by=texts)
        self._voice.say("texts_unconfirmed", texts=texts)

    def campaign_filtered(self, campaign_id: Id, texts: int, filtered: int) -> None:
        self._meters.count("campaigns_filtered_total")
        self._voice.say(
            "campaign_filtered", campaign_id=campaign_id, texts=texts, filtered=filtered
        )
