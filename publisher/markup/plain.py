"""Plain text from strangers: titles, names, excerpts."""

import re
import unicodedata

# Controls, direction marks, zero-width and filler characters, private tags, half
# surrogates and non-characters: nothing a title needs, much that hides or breaks.
# Variation selectors stay (Hanja and emoji need them), as do the jamo fillers and the joiner within an emoji.
_EMOJI = "\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff"
INVISIBLE = re.compile(
    f"(?<![{_EMOJI}])\u200d|\u200d(?![{_EMOJI}])|["
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u17b4\u17b5\u180b-\u180e\u200b\u200c\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff\U000e0000-\U000e00ff"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))
    + "]"
)
BLANKS = re.compile(r"\s+")
_LINE_END = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


def visible(text: str) -> str:
    """The text in NFC without anything invisible; white space as it is."""
    return unicodedata.normalize("NFC", INVISIBLE.sub("", text))


def fold(text: str) -> str:
    """
    One line of plain text, for titles and names.

    NFC, nothing invisible, every run of white space one blank, trimmed. So no
    CR or LF can reach a header, and two spellings of one title are equal.
    """
    return BLANKS.sub(" ", visible(text)).strip()


def safe_text(text: str) -> str:
    """Plain text with its line breaks (as `\\n`), each line folded: fit for XML, mail and pages."""
    return "\n".join(fold(line) for line in _LINE_END.split(text)).strip("\n")


_SENTENCE_END = re.compile(r"[.?!。？！…][\"'”’)\]」』》〉]*(?=\s|$)")
# A full stop behind an initial, a short title or a number of up to three digits ends an abbreviation.
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|No|vs|cf|Jr|Sr|Gen|Sen|Rep|Gov|Lt|Col|pp?|vol|eds?|al)|\b\d{1,3})\.$"
)


_FLAG_LETTER = re.compile("[\U0001f1e6-\U0001f1ff]")


def summarize(text: str, limit: int = 200) -> str:
    """
    The beginning of a text in at most `limit` characters, on one line.

    Whole sentences where they fill at least a third of the room; otherwise cut
    between words (inside a word only where there is no gap), never inside what
    is seen as one character, and marked with `…`.
    """
    folded = fold(text)
    if len(folded) <= limit:
        return folded
    sentences = _whole_sentences(folded, limit)
    if len(sentences) * 3 >= limit:
        return sentences
    end = folded.rfind(" ", 0, limit)
    if end * 2 < limit:
        end = _character_start(folded, max(limit - 1, 0))
    return folded[:end].rstrip(" ,;:·-–—") + "…" if limit > 0 else ""


def _whole_sentences(text: str, limit: int) -> str:
    ends = [found.end() for found in _SENTENCE_END.finditer(text, 0, limit + 1) if found.end() <= limit]
    return next((text[:end] for end in reversed(ends) if not _ABBREVIATION.search(text, max(0, end - 12), end)), "")


def _character_start(text: str, position: int) -> int:
    """The nearest position at or before this one that does not tear what is seen as one character."""
    while position > 0 and _belong_together(text[position - 1], text[position]):
        position -= 1
    if _FLAG_LETTER.match(text, position):
        # Flags are pairs of letters: which two belong together is only known from the first on.
        begin = position
        while begin > 0 and _FLAG_LETTER.match(text, begin - 1):
            begin -= 1
        position -= (position - begin) % 2
    return position


def _belong_together(left: str, right: str) -> bool:
    return (
        unicodedata.category(right).startswith("M")
        or "\u200d" in (left, right)  # joins two emoji
        or "\U0001f3fb" <= right <= "\U0001f3ff"  # skin tones
        or ("\u1100" <= left <= "\u11ff" and "\u1160" <= right <= "\u11ff")  # old Hangul, written in jamo
    )
