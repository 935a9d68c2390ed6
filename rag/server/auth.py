"""Who may come in: people with a password, kept as an Argon2 hash, and programs with a token, kept as its digest."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import threading
from collections.abc import Mapping
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from rag import SettingsError

_TOKEN = "sha256:"  # a token is 256 random bits: there is nothing to guess, and a slow hash would slow each request
_REMEMBERED = 1_000


class Accounts:
    """Names with what proves them. Checking is safe from several threads at once."""

    def __init__(self, secrets_by_name: Mapping[str, str]) -> None:
        self._passwords = {name: kept for name, kept in secrets_by_name.items() if not kept.startswith(_TOKEN)}
        self._tokens = {
            name: kept.removeprefix(_TOKEN) for name, kept in secrets_by_name.items() if kept.startswith(_TOKEN)
        }
        self._hasher = PasswordHasher()
        self._salt = secrets.token_bytes(32)
        self._known: dict[bytes, str] = {}  # what was proved before, as a keyed digest: Argon2 takes 50 ms each time
        self._one_by_one = threading.Lock()  # and 64 MB
        self._nobody = self._hasher.hash(secrets.token_hex())

    @classmethod
    def read(cls, given: str) -> Accounts:
        """Read ``USER:HASH``, or a file with one such line for each account; ``#`` begins a comment.

        Raises:
            SettingsError: the file cannot be read, or a line is no account.
        """
        inline = ":$argon2" in given or f":{_TOKEN}" in given
        try:
            text = given if inline else Path(given).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError, ValueError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise SettingsError("accounts_unreadable", file=given, detail=str(reason)) from None
        found: dict[str, str] = {}
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            name, _, kept = line.strip().partition(":")
            if not name or not _is_usable(kept):
                raise SettingsError("account_invalid", line=number)
            if name in found:
                raise SettingsError("account_repeated", line=number, user=name)
            found[name] = kept
        if not found:
            raise SettingsError("accounts_empty", file=given)
        return cls(found)

    def remembered(self, authorization: str) -> str | None:
        """Return whom an ``Authorization`` header has proven before, None if nobody yet; it takes no time."""
        return self._known.get(self._key(authorization))

    def name_of(self, authorization: str) -> str | None:
        """Return who sent an ``Authorization`` header (``Basic`` or ``Bearer``), None if it proves nobody."""
        key = self._key(authorization)
        if (known := self._known.get(key)) is not None:
            return known
        scheme, _, value = authorization.partition(" ")
        name = None
        if scheme.lower() == "bearer":
            name = self._by_token(value.strip())
        elif scheme.lower() == "basic":
            name = self._by_password(value.strip())
        if name is not None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[key] = name
        return name

    def _key(self, authorization: str) -> bytes:
        return hmac.digest(self._salt, authorization.encode("utf-8", "surrogateescape"), "sha256")

    def _by_token(self, token: str) -> str | None:
        digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
        found = [name for name, kept in self._tokens.items() if hmac.compare_digest(kept, digest)]
        return found[0] if found else None

    def _by_password(self, encoded: str) -> str | None:
        try:
            name, _, password = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, ValueError):
            return None
        kept = self._passwords.get(name)
        with self._one_by_one:
            try:  # a name that does not exist costs the same time as a wrong password
                self._hasher.verify(kept or self._nobody, password)
            except VerificationError:
                return None
        return name if kept else None


def make_account(name: str, password: str) -> str:
    """Return the ``USER:HASH`` line of a password.

    Raises:
        SettingsError: the name or the password cannot be used.
    """
    _check_name(name)
    if len(password) < 8:
        raise SettingsError("password_too_short", characters=len(password))
    return f"{name}:{PasswordHasher().hash(password)}"


def make_token(name: str) -> tuple[str, str]:
    """Return a new token, to be shown once, and the ``USER:HASH`` line that knows it.

    Raises:
        SettingsError: the name cannot be used.
    """
    _check_name(name)
    token = secrets.token_urlsafe(32)
    return token, f"{name}:{_TOKEN}{hashlib.sha256(token.encode()).hexdigest()}"


def _check_name(name: str) -> None:
    if not name or ":" in name or name.startswith("#") or not name.isprintable() or name != name.strip():
        raise SettingsError("user_name_invalid", user=name)


def _is_usable(kept: str) -> bool:
    if kept.startswith(_TOKEN):
        digest = kept.removeprefix(_TOKEN)
        return len(digest) == 64 and set(digest) <= set("0123456789abcdef")
    try:
        PasswordHasher().check_needs_rehash(kept)
    except (InvalidHashError, ValueError):
        return False
    return kept.startswith("$argon2")
