"""The root of every error that an operator can mend."""


class DispatcherError(Exception):
    """Something outside is wrong; the text is one clear sentence that says what to do.

    Shown as it is, without a traceback: it must hold no secret and no person's number.
    """
