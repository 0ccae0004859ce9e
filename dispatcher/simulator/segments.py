"""How many billed parts a text has."""

_GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_DOUBLE = frozenset("\f^{}\\[~]|€")  # sent as an escape and a letter: two septets


def utf16_units(text: str) -> int:
    """Count as RingCentral does: a symbol beyond the basic plane is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def segment_count(text: str) -> int:
    if set(text) <= _GSM7 | _GSM7_DOUBLE:
        return _parts(sum(2 if symbol in _GSM7_DOUBLE else 1 for symbol in text), 160, 153)
    return _parts(utf16_units(text), 70, 67)


def _parts(length: int, single: int, joined: int) -> int:
    return 1 if length <= single else -(-length // joined)
