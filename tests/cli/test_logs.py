"""Where events go."""

import errno
import io
import sys
from datetime import datetime

import pytest
import structlog

from publisher.cli.logs import log_fully


class Full(io.TextIOBase):
    """A stream into a file on a full disk."""

    def write(self, _text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_log_that_cannot_be_written_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Full())
    log_fully()
    structlog.get_logger().warning("letters wait")


def test_a_moment_is_told_as_one(capsys: pytest.CaptureFixture[str], noon: datetime) -> None:
    log_fully()
    structlog.get_logger().warning("road rests", until=noon)
    assert '"until": "2026-03-02 12:00:00+00:00"' in capsys.readouterr().err
