"""
The bodies of a letter, encoded once: what is the same for all stands ready, and only a reader's values are encoded.

Base64 takes three bytes at a time, so what follows a value depends on the
value's length: each text is kept as it looks at all three phases, and exact for
any value. Quoted-printable goes by lines, so a value gets lines of its own
between soft line breaks.

Both give 7-bit lines of at most 76 characters that end in CRLF. None begins
with a dot, so that SMTP has nothing to double, and none has blanks that DKIM's
relaxed form would drop (RFC 6376 section 3.4.4): what goes out is what would
be hashed.
"""

import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from publisher.model import Run, Slot, fill

_LONGEST = 76  # RFC 2045 sections 6.7 and 6.8, without CRLF


@dataclass(frozen=True, kw_only=True)
class Body:
    """One part of a letter, in whichever encoding is shorter: base64 for Korean, quoted-printable for English."""

    run: Run
    encoding: str  # its Content-Transfer-Encoding
    _ready: "_Ready"

    @classmethod
    def of(cls, run: Run) -> "Body":
        texts, gaps = _cut(run)
        sample = b"".join(texts)
        if len(_quoted(sample)) <= len(base64_lines(sample)):
            return cls(run=run, encoding="quoted-printable", _ready=_QuotedPrintable.of(texts, gaps))
        return cls(run=run, encoding="base64", _ready=_Base64.of(texts, gaps))

    def filled(self, values: Mapping[Slot, str]) -> list[bytes]:
        """The pieces of one reader's body; joined, they end in a line end."""
        for value in values.values():
            if "\n" in value or "\r" in value:  # no link has: where lines end depends on what stands beside it
                return self._ready.whole(_cut((fill(self.run, values),))[0][0])
        return self._ready.filled(values)


class _Ready(Protocol):
    def filled(self, values: Mapping[Slot, str]) -> list[bytes]: ...

    def whole(self, body: bytes) -> list[bytes]:
        """Another body in the same encoding."""
        ...


# ── Texts and the gaps between them ──────────────────────────────────────────

_SHORTEST = 2  # what base64 borrows from the text after a value


def _cut(run: Run) -> tuple[list[bytes], list[Run]]:
    """Texts, and between each two of them a gap with slots. What is too short to borrow from goes into a gap."""
    first, *others = _by_turns(run)
    texts, gap = [first], list[str]()
    gaps: list[Run] = []
    for slot, text in zip(others[::2], others[1::2], strict=True):
        gap.append(slot)
        if len(text) < _SHORTEST:
            gap.append(_lines(text))
            continue
        gaps.append(tuple(gap))
        texts.append(text)
        gap = []
    if gap:
        gaps.append(tuple(gap))
        texts.append("")
    texts[-1] += "\n"
    return [_lines(text).encode("utf-8", "replace") for text in texts], gaps


def _by_turns(run: Run) -> list[str]:
    """Text, slot, text, slot, …, text; some texts may be empty. Without the line ends at its end."""
    turns: list[str] = [""]
    for piece in run:
        if isinstance(piece, Slot):
            turns += [piece, ""]
        else:
            turns[-1] += piece
    turns[-1] = turns[-1].rstrip("\r\n")
    return turns


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


def _value(gap: Run, values: Mapping[Slot, str]) -> bytes:
    return fill(gap, values).encode("utf-8", "replace")


# ── Base64 ───────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class _Phase:
    """A text after a value: the bytes that fill the value's last three, finished lines, and 0 to 2 bytes over."""

    borrowed: bytes
    lines: bytes
    over: bytes

    @classmethod
    def of(cls, text: bytes, *, borrows: int, is_last: bool) -> "_Phase":
        end = len(text) if is_last else len(text) - (len(text) - borrows) % 3
        return cls(borrowed=text[:borrows], lines=base64_lines(text[borrows:end]), over=text[end:])


@dataclass(frozen=True, kw_only=True)
class _Base64:
    first: _Phase
    others: Sequence[tuple[Run, Sequence[_Phase]]]  # a gap, and the text after it by how much it borrows

    @classmethod
    def of(cls, texts: Sequence[bytes], gaps: Sequence[Run]) -> "_Base64":
        phases = [
            [_Phase.of(text, borrows=borrows, is_last=number == len(gaps)) for borrows in range(3)]
            for number, text in enumerate(texts)
        ]
        return cls(first=phases[0][0], others=tuple(zip(gaps, phases[1:], strict=True)))

    def filled(self, values: Mapping[Slot, str]) -> list[bytes]:
        pieces, over = [self.first.lines], self.first.over
        for gap, phases in self.others:
            filling = over + _value(gap, values)
            phase = phases[-len(filling) % 3]
            pieces.append(base64_lines(filling + phase.borrowed))
            pieces.append(phase.lines)
            over = phase.over
        return pieces

    def whole(self, body: bytes) -> list[bytes]:
        return [base64_lines(body)]


def base64_lines(data: bytes) -> bytes:
    """Base64 in whole lines, each with its end."""
    encoded = binascii.b2a_base64(data, newline=False)
    return b"".join([encoded[start : start + _LONGEST] + b"\r\n" for start in range(0, len(encoded), _LONGEST)])


# ── Quoted-printable ─────────────────────────────────────────────────────────

_SOFT_BREAK = b"=\r\n"
_QUOTED = {bytes([byte]): b"=%02X" % byte for byte in range(256)}
# No blank stays at the end of a line or after another one, and no tab: relays take those away.
_TO_QUOTE = re.compile(rb"[^ -<>-~\r\n]|(?<= ) | (?=\r\n|\Z)")
_PLAIN = re.compile(rb"[!-<>-~]*")


@dataclass(frozen=True, kw_only=True)
class _QuotedPrintable:
    first: bytes
    others: Sequence[tuple[Run, bytes]]  # a gap, and the text after it

    @classmethod
    def of(cls, texts: Sequence[bytes], gaps: Sequence[Run]) -> "_QuotedPrintable":
        last = len(gaps)
        first, *others = [
            _set_apart(_quoted(text), before=number > 0, after=number < last) for number, text in enumerate(texts)
        ]
        return cls(first=first, others=tuple(zip(gaps, others, strict=True)))

    def filled(self, values: Mapping[Slot, str]) -> list[bytes]:
        pieces = [self.first]
        for gap, text in self.others:
            pieces.append(_quoted(_value(gap, values)))
            pieces.append(text)
        return pieces

    def whole(self, body: bytes) -> list[bytes]:
        return [_quoted(body)]


def _set_apart(text: bytes, *, before: bool, after: bool) -> bytes:
    """With soft breaks towards the values beside it, where no line begins or ends anyway."""
    start = _SOFT_BREAK if before and not text.startswith(b"\r\n") else b""
    end = _SOFT_BREAK if after and text and not text.endswith(b"\r\n") else b""
    return start + text + end


def _quoted(data: bytes) -> bytes:
    """Of whole lines, or of what begins one; leaves room for a soft break at its end."""
    if _PLAIN.fullmatch(data):  # as links are
        return _folded(data)
    escaped = _TO_QUOTE.sub(_quote, data)
    return b"\r\n".join([_folded(line) for line in escaped.split(b"\r\n")])


def _quote(found: "re.Match[bytes]") -> bytes:
    return _QUOTED[found[0]]


def _folded(line: bytes) -> bytes:
    pieces = b""
    while True:
        if line.startswith(b"."):
            line = b"=2E" + line[1:]
        if len(line) < _LONGEST:
            return pieces + line
        end = line.find(b"=", _LONGEST - 3, _LONGEST - 1)  # what is quoted stays in one piece
        end = _LONGEST - 1 if end < 0 else end
        pieces += line[:end] + _SOFT_BREAK
        line = line[end:]
