"""
Every document of the example house against its file in tests/golden/feeds.

`PUBLISHER_REWRITE_GOLDEN=1 python -m pytest tests/feeds/test_golden.py` writes
the files anew; look at the difference before it is committed.
"""

import os
from pathlib import Path

import pytest

from publisher.feeds.publish import Rendered
from tests.feeds.example import documents

GOLDEN = Path(__file__).parent.parent / "golden" / "feeds"
KEPT = ("all.rss", "all.atom", "all.json", "all-en.atom", "papers-en.rss", "rivers.json", "feeds.opml")


@pytest.mark.parametrize("document", [each for each in documents() if each.name in KEPT], ids=lambda each: each.name)
def test_the_feed_is_the_one_we_looked_at(document: Rendered) -> None:
    kept = GOLDEN / document.name
    if os.environ.get("PUBLISHER_REWRITE_GOLDEN"):
        kept.write_bytes(document.content)
    assert document.content.decode() == kept.read_bytes().decode()


def test_no_golden_file_is_left_over() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(KEPT)
