"""The seal on the token that processes share: the database and its backups never see it."""

import base64
import json

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from dispatcher.edge.ringcentral.account import Account

_KEY_BYTES = 32


class Seal:
    """Made from the client's secret, for one client, server and person.

    Whoever has another of these can't open what was sealed here, and logs in for themselves.
    *mark* tells one such set of credentials from another and gives nothing of it away.
    """

    def __init__(self, account: Account) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(_derived(account, "token")))
        self.mark = _derived(account, "mark")

    def close(self, token: str) -> bytes:
        return self._fernet.encrypt(token.encode())

    def open(self, sealed: bytes) -> str | None:
        """Return the token, or None if it was not sealed here."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except (InvalidToken, UnicodeDecodeError):
            return None


def _derived(account: Account, purpose: str) -> bytes:
    server = account.server_url.rstrip("/")
    # JSON, so that where one part ends and the next begins is not a matter of taste.
    bound = json.dumps([purpose, account.client_id, server, account.jwt]).encode()
    secret = account.client_secret.encode()
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=b"sms-dispatcher" + bound).derive(secret)
