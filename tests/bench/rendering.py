"""Setting letters, beside what its two libraries alone take; joining copies, beside copying their bytes."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest import mock

import css_inline
from mjml import mjml2html

from publisher.delivery.envelope import Stationery
from publisher.digest import templates
from publisher.digest.render import compose_letters
from publisher.model import Letter, Slot, fill
from tests.bench.invented import edition, letters
from tests.bench.measure import Sense, Sizes, Target, Work, check
from tests.samples import SITE, WEEKLY, at

_KEY = "ko+en"
_LESS = Target(sense=Sense.COST)


@contextmanager
def setting(sizes: Sizes) -> Iterator[Work]:
    """A letter of five entries in two languages: templates, MJML, styles copied into elements, both parts, seams."""
    count = max(sizes.letters // 6, 1)
    made, dressed = _recorded()
    yield Work(
        name="set a letter from its templates",
        peer="MJML and css-inline alone, on the same source",
        ours=lambda: _cost(_set, count),
        theirs=lambda: _cost(lambda: _dress(made, dressed), count),
        target=_LESS,
    )


@contextmanager
def copying(sizes: Sizes) -> Iterator[Work]:
    """The limit of joining: nobody hands over bytes without touching each of them once."""
    letter = letters()["ko"]
    paper = Stationery(letter=letter, site=SITE, list=WEEKLY)
    content = _join(paper, 0)
    numbers = iter(range(10**9))
    yield Work(
        name="join a letter per recipient, Korean",
        peer="copying as many bytes",
        ours=lambda: _cost(lambda: _join(paper, next(numbers)), sizes.letters * 10),
        theirs=lambda: _cost(lambda: bytes(bytearray(content)), sizes.letters * 10),
        target=_LESS,
    )


def _set() -> Letter:
    letter = compose_letters(edition(), WEEKLY, SITE, [_KEY])[_KEY]
    check(fill(letter.html, dict.fromkeys(Slot, "x")).endswith("</html>"), "a letter is not whole")
    return letter


def _recorded() -> tuple[str, str]:
    """What the libraries are handed for this letter."""
    with (
        mock.patch.object(templates, "mjml2html", wraps=mjml2html) as made,
        mock.patch.object(templates.css_inline, "inline", wraps=css_inline.inline) as dressed,
    ):
        _set()
    return made.call_args.args[0], dressed.call_args.args[0]


def _dress(source: str, page: str) -> None:
    html = mjml2html(source, fonts={})
    check(html.endswith("</html>"), "no page was made")
    css_inline.inline(page, keep_style_tags=True, remove_inlined_selectors=True, load_remote_stylesheets=False)


def _join(paper: Stationery, number: int) -> bytes:
    return paper.copy(
        recipient=f"r{number}@reader.example",
        message_id=f"<{number:026}@hanbit-peace.example>",
        date=at(1),
        values=dict.fromkeys(Slot, f"https://letters.hanbit-peace.example/unsubscribe/{number:044}"),
    )


def _cost(work: Callable[[], object], count: int) -> float:
    began = time.process_time()
    for _ in range(count):
        work()
    return (time.process_time() - began) / count
