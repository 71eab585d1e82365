"""Letters to one person, as they were found good: each kind in one language and in two."""

import os
from pathlib import Path

import pytest

from publisher.digest.single import Postscript, write_letter
from publisher.flows.ask import EXAMPLES
from publisher.model import DeliveryKind, fill
from tests.samples import SITE, WEEKLY

GOLDEN = Path(__file__).parents[1] / "golden" / "single"
POSTSCRIPT = Postscript(lists={"weekly": WEEKLY.titles}, url=lambda purpose, _: f"{SITE.url}/{purpose}/token")


@pytest.mark.parametrize("key", ["ko", "en", "ko+en", "en+ko"])
@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_letter_to_one_person_is_as_it_was_found_good(kind: DeliveryKind, key: str) -> None:
    letter = write_letter(kind, EXAMPLES[kind], key, SITE, None, POSTSCRIPT)
    made = {"txt": f"{letter.subject}\n\n{fill(letter.text, {})}", "html": fill(letter.html, {})}
    for ending, text in made.items():
        path = GOLDEN / f"{kind}-{key}.{ending}"
        if os.environ.get("PUBLISHER_REWRITE_GOLDEN"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), path.name
