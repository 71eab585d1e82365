"""Where the house's events go: standard error, as lines for people or JSON for collectors. No addresses, ever."""

import io
import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog


def log_quietly() -> None:
    """For commands that end: they tell their result, and what went wrong, themselves."""
    _configure(logging.ERROR)


def log_fully() -> None:
    """For `run`: every event."""
    _configure(logging.INFO)


class _Stream(io.TextIOBase):
    """Standard error, whatever that is by then. What it cannot take, as on a full disk, is lost: letters go on."""

    def write(self, text: str) -> int:
        with suppress(OSError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()


def _configure(level: int) -> None:
    is_terminal = sys.stderr.isatty()
    as_json = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    renderer = structlog.dev.ConsoleRenderer() if is_terminal else as_json
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(cast("TextIO", _Stream())),
        cache_logger_on_first_use=False,
    )
    # Libraries log through the standard library; their chatter is not ours.
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
