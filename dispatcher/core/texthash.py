"""The hash by which a text is known again."""

import hashlib


def of(text: str) -> bytes:
    """Return the SHA-256 of *text*. Its kind of line ends and outer white space don't count.

    RingCentral may give a text back with other ones than it was given.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return hashlib.sha256(lines.strip().encode("utf-8", "surrogatepass")).digest()
