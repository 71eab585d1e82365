"""Letters of a real board: every design and language key sets them whole. Nothing of them is kept."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import text as sql

from publisher.digest.render import BUDGET, compose_letters
from publisher.flows.compose import compose
from publisher.model import Design, Edition
from publisher.store import editions
from publisher.store.database import Database
from tests.archive.boardroom import MOMENTS
from tests.boards import RecordedBoard
from tests.digest.reading import differences, left_over, parts_of
from tests.digest.samples import KEYS, mailing_list
from tests.flows.test_recorded_board import read
from tests.samples import SITE, WEEKLY

pytestmark = pytest.mark.recorded

DAY = timedelta(days=1)
MARKS = ("{{", "}}", "{%", "%}")


async def edition_of(db: Database, recordings: Path, table: str) -> Edition:
    """Everything that the board shows, as one edition."""
    async with db.begin() as tx:
        await editions.start_list(tx, "weekly", MOMENTS["t1"] - DAY)
    with RecordedBoard(recordings) as board:
        await read(db, board, table=table)
    news = replace(WEEKLY, archives=(table.replace("_", ""),))
    async with db.begin() as tx:
        await tx.execute(sql("UPDATE entries SET held = NULL"))
        edition = (await compose(tx, news, by="test", now=MOMENTS["t1"] + DAY)).edition
    assert edition is not None
    return edition


@pytest.mark.parametrize(("table", "designs"), [("data_son", tuple(Design)), ("data_pds", (Design.DIGEST,))])
async def test_its_letters_are_whole_in_every_design_and_language(
    db: Database, recordings: Path, table: str, designs: tuple[Design, ...]
) -> None:
    whole = await edition_of(db, recordings, table)
    assert len(whole.entries) > 10
    # A post there has marks of templates in its words: these, and no others, may stand in a letter.
    faces = [face for entry in whole.entries for face in entry.faces.values()]
    told = {mark for mark in MARKS if any(mark in f"{face.title}{face.summary}" for face in faces)}
    for design, key in product(designs, KEYS):
        letter = compose_letters(whole, mailing_list(design=design), SITE, [key])[key]
        html, text = parts_of(letter)
        assert LexborHTMLParser(html).css_first("body") is not None
        assert html.count("</html>") == 1
        assert len(html.encode()) <= BUDGET
        assert max(len(line.encode()) for line in text.splitlines()) <= 998
        words, links = differences(letter)
        assert (words - {"Read", "읽기"}, links) == (set(), set()), f"{design} {key}"
        assert set(left_over(letter)) <= told
