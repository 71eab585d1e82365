"""
Words as they are looked for: one pure function for texts and for questions.

Korean is written with its particles on (통일은, 통일을) and compounds without a
gap (남북통일), so a word is no unit of search. A run of syllables becomes its
overlapping pairs and its last syllable: 통일은 is `통일 일은 은`. What is looked
for is taken apart in the same way and stands in a text where its terms follow
each other, the last one as the beginning of a term: 통일 is `통일 일…`, which is
in 통일은 and in 남북통일; 꽃 is `꽃…`, in 꽃이 and in 들꽃. Hanja and kana go the
same way. Other words are terms by themselves, folded, so `peac` finds Peace.

A particle on a word of the question must hide nothing: whoever types 통일을 is
looking for 통일. Without a dictionary 을 is told from a syllable of the word by
its place alone (어린이), so the word as it was typed counts more.

No database takes these terms apart any further: each consists of letters and
digits only.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby

from publisher.markup import text_of

MOST_WORDS = 12
"""Words of a question that count; whoever pastes a page looks for its beginning."""

_LONGEST_QUESTION = 200
_LONGEST_BODY = 300_000  # characters: a book; what stands behind it is not found
# What clings to the end of a noun; a longer one goes before what it ends in.
_PARTICLES = (
    "에게서", "에서는", "에서도", "으로서", "으로써", "이라고", "이라는",
    "까지", "라는", "보다", "부터", "에게", "에는", "에도", "에서", "와의", "으로", "이나", "이란", "처럼", "과의",
    "가", "과", "는", "도", "로", "를", "만", "에", "와", "은", "을", "의", "이",
)  # fmt: skip
_SHORTEST_NOUN = 2  # of 국가 and 평화 nothing is taken
# Syllables and jamo, Hanja, kana: scripts without gaps that would tell words apart.
_PAIRED = (
    ("\u1100", "\u11ff"), ("\u3040", "\u318f"), ("\u31f0", "\u31ff"), ("\u3400", "\u4dbf"), ("\u4e00", "\u9fff"),
    ("\ua960", "\ua97f"), ("\uac00", "\ud7ff"), ("\U00020000", "\U0003ffff"),
)  # fmt: skip


def terms(text: str) -> list[str]:
    """The terms of a text in their order."""
    found: list[str] = []
    for word in _words(fold(text)):
        for is_paired, run in groupby(word, _is_paired):
            letters = "".join(run)
            found += _pairs(letters) if is_paired else [letters]
    return found


def terms_of(faces: Sequence[tuple[str, str]]) -> dict[str, str]:
    """All terms of an entry, whose faces are titles with their HTML: of `title` and `body`, parted by blanks."""
    titles, bodies = [title for title, _ in faces], [text_of(html)[:_LONGEST_BODY] for _, html in faces]
    return {"title": " ".join(terms("\n".join(titles))), "body": " ".join(terms("\n".join(bodies)))}


def phrases(question: str) -> list[list[str]]:
    """
    What must stand in a text that answers the question: each the terms of one of its words.

    The last term of a phrase need only begin so. Empty when the question holds no word.
    """
    return [terms(word) for word in _asked(question)]


def bare_phrases(question: str) -> list[list[str]]:
    """The same without the particles: what answers `phrases` answers these too."""
    return [terms(_bare(word)) for word in _asked(question)]


def fold(text: str) -> str:
    """The text without case, accents and compatibility forms: Café is cafe, ＤＭＺ is dmz."""
    return "".join(map(_folded, unicodedata.normalize("NFC", text)))


def places(text: str, question: str) -> list[tuple[int, int]]:
    """Where words of the question stand in a text (in NFC), as slices: in order, none over another."""
    letters = [(folded, position) for position, letter in enumerate(text) for folded in _folded(letter)]
    line = "".join(folded for folded, _ in letters)
    words = {form for word in _words(fold(question[:_LONGEST_QUESTION])) for form in (word, _bare(word))}
    slices = sorted(
        ((letters[start][1], letters[start + len(word) - 1][1] + 1) for word in words for start in _starts(line, word)),
        key=lambda found: (found[0], -found[1]),
    )
    apart: list[tuple[int, int]] = []
    for start, end in slices:
        if not apart or start >= apart[-1][1]:
            apart.append((start, end))
    return apart


def _starts(line: str, word: str) -> Iterator[int]:
    """Where the word stands so that its first term does: syllables anywhere, others only at the beginning of a run."""
    start = line.find(word)
    while start >= 0:
        before = line[start - 1 : start] if start else ""
        if _is_paired(word[0]) or not before.isalnum() or _is_paired(before):
            yield start
        start = line.find(word, start + 1)


def _asked(question: str) -> list[str]:
    """The distinct words of a question that count."""
    return list(dict.fromkeys(_words(fold(question[:_LONGEST_QUESTION]))))[:MOST_WORDS]


def _bare(word: str) -> str:
    """The word without a particle at its end."""
    shorter = (word.removesuffix(particle) for particle in _PARTICLES if word.endswith(particle))
    return next((noun for noun in shorter if len(noun) >= _SHORTEST_NOUN), word)


def _words(folded: str) -> Iterator[str]:
    return ("".join(run) for is_word, run in groupby(folded, str.isalnum) if is_word)


def _pairs(run: str) -> list[str]:
    return [run[start : start + 2] for start in range(len(run))]


@lru_cache(maxsize=4096)
def _is_paired(letter: str) -> bool:
    return any(first <= letter <= last for first, last in _PAIRED)


@lru_cache(maxsize=4096)
def _folded(letter: str) -> str:
    if "\uac00" <= letter <= "\ud7a3" or "\u3131" <= letter <= "\u318e":
        return letter  # would fall into jamo
    bare = "".join(part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part))
    return bare.casefold()
