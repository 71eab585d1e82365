"""
Subjects and names as other programs read them: Python's parser, mail-parser, and a reader in JavaScript.

The texts are random, but the same in every run: Korean, English, both, Hanja,
emoji, and what breaks parsers. Five thousand of them for Python and JavaScript;
mail-parser takes its time, so it reads a part, and all of them in `make soak`.
"""

import base64
import json
import os
import random
import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from email import policy
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import normalize

import mailparser
import pytest

from publisher.delivery.envelope import Stationery
from publisher.model import Slot
from tests.delivery.post import LETTERS
from tests.samples import SITE, WEEKLY, at

LETTERS_MADE = 5000
READ_BY_MAIL_PARSER = int(os.environ.get("PUBLISHER_TEST_SUBJECTS", "300"))
NODE = shutil.which("node") or shutil.which("nodejs")

KOREAN = re.findall(
    r"\S+", "비무장지대의 봄 산새가 먼저 돌아왔다 접경 마을 우물 협약 연구소 편지 통일 겨울 철새 조사 평화"
)
ENGLISH = re.findall(
    r"\S+", "Spring in the Demilitarized Zone returns first what towns learned waiting ferry bridge winter count"
)
HANJA = re.findall(r"\S+", "統一 平和 北韓 南北關係 史料 漢字 國交 條約 研究所 非武裝地帶")
EMOJI = ["😀", "👩‍🔬", "🇰🇷", "🕊️", "✉️", "1️⃣", "𠮷", "é", "e\u0301", "한\u1161"]
AWKWARD = ["=?utf-8?q?a?=", "=?", "?=", '"', "\\", "(", ")", "<", ">", ",", ";", "@", ":", "…", "—", "·", "『", "』"]


@dataclass(frozen=True)
class Made:
    subject: str
    name: str
    way_out: str
    content: bytes


@cache
def made() -> list[Made]:
    chance = random.Random(20261124)
    return [_made(chance) for _ in range(LETTERS_MADE)]


def _made(chance: random.Random) -> Made:
    subject, name = _text(chance, 24), _text(chance, 8).strip()
    token = "".join(chance.choices("ABCDEFGHIJabcdefghij0123456789_-", k=chance.randint(1, 700)))
    way_out = f"{SITE.url}/unsubscribe/{token}"
    names = {"ko": name or "연구소"}
    paper = Stationery(
        letter=replace(LETTERS[chance.choice(["ko", "en"])], language_key="ko", subject=subject),
        site=replace(SITE, name=names, sender=replace(SITE.sender, name=names)),
        list=WEEKLY,
    )
    content = paper.copy(
        recipient="hana@reader.example",
        message_id="<abc@hanbit-peace.example>",
        date=at(),
        values={Slot.UNSUBSCRIBE: way_out},
    )
    return Made(subject=subject, name=names["ko"], way_out=way_out, content=content)


def _text(chance: random.Random, most: int) -> str:
    kinds = chance.choice([[KOREAN], [ENGLISH], [KOREAN, ENGLISH], [HANJA, KOREAN], [KOREAN, EMOJI], [ENGLISH, EMOJI],
                           [KOREAN, ENGLISH, HANJA, EMOJI, AWKWARD]])  # fmt: skip
    words = [chance.choice(chance.choice(kinds)) for _ in range(chance.randint(1, most))]
    gaps = chance.choices([" ", "", "  ", " · "], weights=[12, 3, 1, 1], k=len(words))
    return "".join(word + gap for word, gap in zip(words, gaps, strict=True)).strip()


def test_pythons_parser_reads_every_subject_and_name_as_it_was_meant() -> None:
    modern, old = BytesHeaderParser(policy=policy.default), BytesHeaderParser()
    for number, one in enumerate(made()):
        read = old.parsebytes(one.content)
        name, address = parseaddr(re.sub(r"\r\n(?=[ \t])", "", read["From"]))
        # Names not by the modern policy: it puts blanks between encoded words (RFC 2047 section 6.2 has none).
        assert (shown(name), address) == (one.name, SITE.sender.email)
        assert shown(re.sub(r"\r\n(?=[ \t])", "", read["Subject"])) == one.subject
        if number % 10 == 0:  # it takes its time
            assert modern.parsebytes(one.content)["Subject"] == one.subject


def shown(value: str) -> str:
    return str(make_header(decode_header(value)))


def test_mail_parser_reads_them_too() -> None:
    for one in made()[:READ_BY_MAIL_PARSER]:
        read = mailparser.parse_from_bytes(one.content)
        # Of subjects it brings letters and their accents together (NFC), whatever it reads.
        assert read.subject == normalize("NFC", one.subject)
        assert read.from_[0] == (one.name, SITE.sender.email)


@pytest.fixture(scope="module")
def read_in_javascript(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What a reader in another language makes of them, in one process. Missing, it is skipped; in CI it fails."""
    if NODE is None:
        reason = "Node is not installed; on Debian and Ubuntu: apt install nodejs"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    letters = tmp_path_factory.mktemp("letters") / "letters.json"
    letters.write_text(json.dumps([base64.b64encode(one.content).decode("ascii") for one in made()]))
    script = Path(__file__).with_name("read_headers.mjs")
    ended = subprocess.run([NODE, str(script), str(letters)], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    told: list[dict[str, Any]] = json.loads(ended.stdout)
    return told


def test_a_reader_in_javascript_reads_the_same(read_in_javascript: list[dict[str, Any]]) -> None:
    for one, read in zip(made(), read_in_javascript, strict=True):
        assert (read["subject"], read["name"]) == (one.subject, one.name)
        assert (read["address"], read["languages"]) == (SITE.sender.email, "ko")


def test_one_click_unsubscribing_is_literal_for_tokens_of_any_length(read_in_javascript: list[dict[str, Any]]) -> None:
    assert [read["wayOut"] for read in read_in_javascript] == [f"<{one.way_out}>" for one in made()]


def test_every_line_is_one_that_servers_take_and_headers_are_folded_where_they_can_be() -> None:
    for one in made():
        lines = one.content.split(b"\r\n")
        head = lines[: lines.index(b"")]
        assert all(len(line) <= 998 and line.isascii() for line in lines)
        assert all(len(line) <= 78 for line in head if not line.startswith(b"List-Unsubscribe:"))
