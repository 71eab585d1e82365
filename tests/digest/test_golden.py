"""
Letters against the ones that were looked at and found good, in `tests/golden/letters`.

After a wanted change: `PUBLISHER_REWRITE_GOLDEN=1 python -m pytest tests/digest/test_golden.py`,
and then read the difference.
"""

import os
from itertools import product
from pathlib import Path

import pytest

from publisher.digest.render import compose_letters
from publisher.model import Design, Slot, fill
from tests.digest.samples import KEYS, SITE, mailing_list, twelfth

GOLDEN = Path(__file__).parents[1] / "golden" / "letters"
NAMED = {slot: f"{{{slot}}}" for slot in Slot}


@pytest.mark.parametrize(("design", "key"), list(product(Design, KEYS)))
def test_a_letter_is_as_it_was_found_good(design, key):
    letter = compose_letters(twelfth(), mailing_list(design=design), SITE, [key])[key]
    agree(f"{design}-{key}.txt", f"{letter.subject}\n\n{fill(letter.text, NAMED)}")
    agree(f"{design}-{key}.html", fill(letter.html, NAMED) + "\n")


def agree(name, content):
    path = GOLDEN / name
    if os.environ.get("PUBLISHER_REWRITE_GOLDEN"):
        path.write_text(content, encoding="utf-8")
    assert content == path.read_text(encoding="utf-8")
