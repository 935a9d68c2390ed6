"""Where the messages of a mailbox begin: at a line "From ... " after a blank one, with a header's line after it."""

from __future__ import annotations

import re

_ENVELOPE = re.compile(rb"^From [^\r\n]{1,300}\r?\n(?=[!-9;-~]{1,76}:[ \t])", re.MULTILINE)


def begins_mailbox(data: bytes) -> bool:
    """Return whether data begins with the envelope of a message, as mailboxes do."""
    return _ENVELOPE.match(data) is not None


def message_starts(data: bytes) -> list[int]:
    """Return where each message's envelope begins."""
    return [match.start() for match in _ENVELOPE.finditer(data) if _after_blank(data, match.start())]


def _after_blank(data: bytes, at: int) -> bool:
    return at == 0 or data[max(0, at - 4) : at].replace(b"\r", b"").endswith(b"\n\n")
