"""Translating at the terminal, with an imitation of DeepL: the cost, what comes of it, and the editor's word."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from publisher.cli import main
from tests.translate.imitation import KEY, Imitation, imitation_beside, said

CONFIG = """\
site: {name: {ko: 연구소, en: Institute}, url: "https://letters.example", sender: {email: letters@letters.example}}
archives: {director: {kind: folder, path: texts, first_read: mail, settle: 0s}}
lists: {weekly: {archives: [director]}}
translate: {service: deepl, endpoint: "http://PLACE", allow: ["PLACE"], budget: 500}
"""
KOREAN = "# 비무장지대의 봄\n\n산새가 먼저 돌아왔고 사람들은 나중에 왔다."
ENGLISH = "# Winter on the bridge\n\nThe bridge was closed for a hundred days, and opened again."


@pytest.fixture
def service() -> Iterator[Imitation]:
    with imitation_beside() as server:
        yield server


@pytest.fixture
def house(tmp_path: Path, service: Imitation) -> Path:
    (tmp_path / "config.yaml").write_text(CONFIG.replace("PLACE", service.place), encoding="utf-8")
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "2026-03-02-spring.md").write_text(KOREAN, encoding="utf-8")
    (tmp_path / "texts" / "2026-01-02-winter.md").write_text(ENGLISH, encoding="utf-8")
    assert publisher(tmp_path, "ingest").exit_code == 0
    return tmp_path


def publisher(house: Path, *words: str) -> Result:
    environ = {"PUBLISHER_TRANSLATE__KEY": KEY}
    return CliRunner().invoke(main, ["--config", str(house / "config.yaml"), *words], env=environ)


def told(house: Path, *words: str) -> Any:
    return json.loads(publisher(house, *words, "--json").stdout)


def spring(house: Path) -> str:
    return str(next(one["id"] for one in told(house, "entries", "list") if one["language"] == "ko"))


def test_a_dry_run_tells_the_cost_and_asks_nobody(house: Path, service: Imitation) -> None:
    result = publisher(house, "translate", "--dry-run")
    assert "2 faces are missing:" in result.output
    assert "500 of 500 are left this month" in result.output
    assert service.asked == []


def test_what_looks_like_a_version_of_the_archives_own_is_told_first(house: Path) -> None:
    for name, text in (("ko", "# 강가의 여름\n\n물이 불었다."), ("en", "# Summer by the river\n\nThe water rose.")):
        front = "---\noriginal_url: https://press.example/1\n---\n"
        (house / "texts" / f"2026-03-02-summer-{name}.md").write_text(front + text, encoding="utf-8")
    publisher(house, "ingest")
    told_first = publisher(house, "translate", "--dry-run").output
    assert "two of them look like one text in two languages: `publisher entries suggest`" in told_first


def test_nothing_is_sent_before_somebody_says_yes(house: Path, service: Imitation) -> None:
    result = publisher(house, "translate")
    assert result.exit_code == 1
    assert "nobody is there to answer" in result.output
    assert service.asked == []


def test_faces_are_made_read_and_confirmed(house: Path) -> None:
    made = told(house, "translate", "--language", "en", "--yes")
    assert [(one["id"], one["paid"] > 0) for one in made["made"]] == [(spring(house), True)]
    assert made["spent"] == made["characters"]
    assert (made["refused"], made["unpaid"], made["failure"]) == ([], [], None)
    assert (
        "machine translation; `publisher entries confirm" in publisher(house, "entries", "show", spring(house)).output
    )
    assert publisher(house, "entries", "confirm", spring(house)).exit_code == 0
    assert told(house, "entries", "show", spring(house))["faces"]["en"]["origin"] == "human"
    again = publisher(house, "entries", "confirm", spring(house))
    assert (again.exit_code, "no translation of this kind" in again.output) == (1, True)


def test_a_wrong_translation_is_taken_away_and_made_anew_when_asked_for(house: Path) -> None:
    publisher(house, "translate", "--yes")
    assert "--entry" in publisher(house, "entries", "reject", spring(house)).output
    assert "en" not in told(house, "entries", "show", spring(house))["faces"]
    assert told(house, "translate", "--language", "en", "--yes")["refused_before"] == 1
    [made] = told(house, "translate", "--entry", spring(house), "--yes")["made"]
    assert made["paid"] > 0  # another one, not the same again


def test_a_failure_is_one_line_and_what_was_made_stands(house: Path, service: Imitation) -> None:
    service.faults = [said({"message": "Quota Exceeded"}, 456)]
    result = publisher(house, "translate", "--yes")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith("quota exceeded: http://")
    assert KEY not in result.output
    assert told(house, "translate", "--dry-run")["spent"] == 0


def test_a_refused_answer_is_told_with_its_reason(house: Path, service: Imitation) -> None:
    service.translate = lambda text, _: text
    result = publisher(house, "translate", "--entry", spring(house), "--yes")
    assert result.exit_code == 0
    assert f"{spring(house)} (en) was not taken: it is not in English" in result.output
    assert "0 faces made" in result.output


def test_the_budget_is_told_where_it_does_not_reach(house: Path) -> None:
    config = house / "config.yaml"
    config.write_text(config.read_text().replace("budget: 500", "budget: 10"))
    result = publisher(house, "translate", "--yes")
    assert "2 faces do not fit into the budget of this month (translate.budget)" in result.output
    assert "10 of 10 characters are left" in publisher(house, "check").output


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("press",), "no archive is called 'press'"),
        (("--entry", "nothere"), "no entry in public has the id 'nothere'"),
        (("--language", "fr"), "the site has no language 'fr'; it has ko, en"),
    ],
)
def test_what_does_not_exist_is_said(house: Path, words: tuple[str, ...], reason: str) -> None:
    result = publisher(house, "translate", *words)
    assert (result.exit_code, reason in result.output) == (1, True)


def test_without_a_service_it_says_which_key_names_one(house: Path) -> None:
    config = house / "config.yaml"
    config.write_text(config.read_text().partition("translate:")[0])
    result = publisher(house, "translate")
    assert (result.exit_code, "translate.service names one" in result.output) == (1, True)
