"""The law by commands, as the person at the terminal uses them."""

import json
from pathlib import Path

from tests.cli.institute import Institute, address_of

KIM = address_of("ko")


def test_an_edition_is_classified_proven_and_explained(institute: Institute) -> None:
    institute.enlist()
    institute.run("ingest")
    institute.board.publish_more()
    institute.run("ingest")
    composed = institute.ask("compose", "weekly")
    assert composed["signs_of_advertising"] == []
    institute.run("approve", "weekly", "1")
    told = institute.run("classify", "weekly", "1", "advertising", "--why", "a paid seminar")
    assert "it waits for approval" in told
    assert "4 readers have not agreed to advertising and will get no copy." in told
    refused = institute.run("release", "weekly", "1", code=1)
    assert "is draft" in refused
    assert "--why TEXT" in institute.run("classify", "weekly", "1", "information", code=2)
    institute.run("classify", "weekly", "1", "information", "--why", "a free lecture")
    assert "a free lecture" in institute.run("show", "weekly", "1")
    institute.run("approve", "weekly", "1")
    institute.run("release", "weekly", "1", "--now")
    institute.run("deliver")
    assert "is sent" in institute.run("classify", "weekly", "1", "advertising", code=1)
    proof = json.loads(institute.run("evidence", "weekly", "1"))
    assert (proof["classification"], proof["classified_why"], proof["sent"]) == ("information", "a free lecture", 4)
    assert "The next hop accepted it" in institute.run("why", "weekly", "1", KIM)
    assert institute.ask("why", "weekly", "1", KIM)["copy"]["status"] == "sent"
    assert "never been on the list" in institute.run("why", "weekly", "1", "nobody@reader.example")
    assert "was released at" in institute.run("why", "weekly")
    assert "It stands in weekly No. 1" in institute.run("why", "entry", composed["entries"][0])


def test_what_cannot_be_asked_is_answered_with_how_to_ask(institute: Institute) -> None:
    assert "expected a date such as 2026-11-24" in institute.run("why", "weekly", "soon", code=2)
    assert "expected the number of an edition" in institute.run("why", "weekly", "one", KIM, code=2)
    assert "LIST NUMBER ADDRESS" in institute.run("why", "a", "b", "c", "d", code=2)
    assert "no list is called" in institute.run("why", "monthly", code=1)
    assert "publisher editions" in institute.run("why", "weekly", "9", KIM, code=1)


def test_a_person_is_shown_proven_and_erased_and_that_somebody_looked_is_written_down(
    institute: Institute, tmp_path: Path
) -> None:
    institute.enlist()
    assert "weekly: active, in ko" in institute.run("subscribers", "show", KIM)
    file = tmp_path / "proof.json"
    institute.run("subscribers", "evidence", KIM, "--out", str(file))
    assert json.loads(file.read_text(encoding="utf-8"))["person"]["address"] == KIM
    assert file.stat().st_mode & 0o077 == 0, "others may not read it"
    assert "--yes answers it" in institute.run("subscribers", "erase", KIM, code=1)
    institute.run("subscribers", "erase", KIM, "--yes")
    institute.run("deliver")
    assert institute.ask("housekeep")["erased"] == 1
    assert "(erased), by operator" in institute.run("subscribers", "show", KIM)
    listed = [one["address"] for one in institute.ask("subscribers", "list", "--addresses")]
    assert (len(listed), listed.count(None)) == (4, 1)
    assert KIM not in listed
    assert "has been erased, and asked not to be written to" in institute.run(
        "subscribers", "add", KIM, "--list", "weekly", "--consent", "a form", code=1
    )
    found = [(one["what"], one["people"]) for one in institute.ask("subscribers", "accesses")]
    assert found == [("list", 4), ("show", 1), ("evidence", 1), ("show", 1)]
    assert "@" not in institute.run("subscribers", "accesses")


def test_after_a_breach_the_people_who_were_there_are_written_to_a_file(institute: Institute, tmp_path: Path) -> None:
    institute.enlist()
    file = tmp_path / "affected.json"
    span = ("--from", "2020-01-01T00:00", "--to", "2099-01-01T00:00")
    assert "4 people" in institute.run("subscribers", "affected", *span, "--out", str(file))
    assert len(json.loads(file.read_text(encoding="utf-8"))["people"]) == 4
    wrong = ("--from", "yesterday", "--to", "2099-01-01", "--out", str(file))
    assert "expected a time such as" in institute.run("subscribers", "affected", *wrong, code=2)


def test_nothing_waits_where_nobody_agreed_to_advertising(institute: Institute) -> None:
    institute.enlist()
    assert institute.ask("notices") == {
        "waiting": 0,
        "undated": 0,
        "readers": 0,
        "released": 0,
        "overdue": 0,
        "oldest": None,
    }
    assert institute.ask("subscribers", "review") == []
    assert "nothing was due" in institute.run("housekeep")
