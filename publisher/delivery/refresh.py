"""
A refresh token that the provider put in the place of the configured one, kept across restarts.

    var/tokens/<profile>.json      readable by this user alone

It counts as long as the configured token is the one that it came from: a new
one in the configuration always wins. The file holds only a hash of that one.
"""

import json
import os
from hashlib import sha256
from pathlib import Path

import structlog

log = structlog.get_logger()

_LONGEST = 100_000  # bytes


class RefreshToken:
    """The token that stands for `configured`, in `file`; without a file it lives as long as the process."""

    def __init__(self, file: Path | None, configured: str) -> None:
        self._file = file
        self._origin = sha256(configured.encode()).hexdigest()
        self._token = configured

    def current(self) -> str:
        """The newest token, by whichever process it was kept."""
        self._token = self._read() or self._token
        return self._token

    def keep(self, token: str) -> None:
        """From now on this one. Where it cannot be written, it is used all the same, and that is told."""
        if token == self._token:
            return
        self._token = token
        if self._file is None:
            return
        try:
            _write(self._file, json.dumps({"came_from": self._origin, "refresh_token": token}))
        except OSError as error:
            log.warning("refresh token not kept, a restart uses the one before", reason=str(error))

    def _read(self) -> str:
        """What is kept, '' where nothing is or it came from another token."""
        if self._file is None:
            return ""
        try:
            with self._file.open("rb") as opened:
                kept = json.loads(opened.read(_LONGEST))
            return str(kept["refresh_token"]) if kept["came_from"] == self._origin else ""
        except (OSError, ValueError, LookupError, TypeError):
            return ""


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}.part")  # so that a token is there whole or not at all
    try:
        part.touch(mode=0o600)
        part.write_text(text, encoding="ascii")
        part.replace(file)
    except OSError:
        part.unlink(missing_ok=True)
        raise
