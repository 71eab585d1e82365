"""Readers in and out of files, as the person at the terminal sees it."""

import io
import json
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from publisher.cli import findings, main
from tests.spreadsheet.books import sheet_xml, workbook

CONFIG = """\
site:
  name: {ko: 한빛평화연구소, en: Hanbit Peace Institute}
  url: https://letters.hanbit-peace.example
  sender: {name: {ko: 한빛평화연구소, en: Hanbit Peace Institute}, email: letters@hanbit-peace.example}
archives:
  director: {kind: folder, path: posts, name: {ko: 소장의 글, en: Director}}
lists:
  weekly: {name: {ko: 주간, en: Weekly}, archives: [director]}
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A folder with a configuration."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


@pytest.fixture
def say(house: Path) -> Callable[..., Result]:
    """`publisher subscribers …`, in the house's folder."""

    def said(*words: str, code: int = 0, piped: bytes | None = None) -> Result:
        with chdir(house):
            result = CliRunner().invoke(main, ["subscribers", *words], input=io.BytesIO(piped) if piped else None)
        assert result.exit_code == code, result.output
        return result

    return said


def asked(result: Result) -> Any:
    return json.loads(result.stdout)


def test_an_excel_workbook_comes_in_and_goes_out_and_comes_in_again(house: Path, say: Callable[..., Result]) -> None:
    rows = [
        ["이메일", "성명", "동의일", "소속", "missing"],
        ["kim@reader.example", "=김()", "2026-03-02", "한빛대", "omit"],
    ]
    (house / "독자.xlsx").write_bytes(workbook({"Sheet1": sheet_xml(rows)}))
    told = say("import", "독자.xlsx", "--list", "weekly")
    assert "1 accepted" in told.stdout
    assert "Columns that are not kept: 소속" in told.stderr
    say("export", "out.csv")
    written = (house / "out.csv").read_bytes().decode("utf-8-sig").splitlines()
    assert written[1] == "kim@reader.example,'=김(),ko,weekly,2026-03-02T00:00:00+09:00,import,active,,omit"
    again = asked(say("import", "out.csv", "--json"))
    assert (again["accepted"], again["unchanged"], again["rejected"]) == (0, 1, [])


def test_an_export_is_for_its_owner_s_eyes_and_it_is_written_down_who_made_it(
    house: Path, say: Callable[..., Result]
) -> None:
    say("add", "kim@reader.example", "--list", "weekly", "--consent", "asked")
    say("export", "out.csv", "--list", "weekly", "--status", "active")
    told = asked(say("export", "all.csv", "--history", "--json"))
    assert (told["rows"], told["history"]) == (1, True)
    assert (house / "out.csv").stat().st_mode & 0o077 == 0
    say("list", "--addresses")
    seen = asked(say("accesses", "--json"))
    assert [(one["what"], one["detail"], one["people"]) for one in seen] == [
        ("list", "all lists, every state", 1),
        ("export", "all lists, history", 1),
        ("export", "weekly, active", 1),
    ]


def test_the_history_holds_what_they_agreed_to_and_refused(house: Path, say: Callable[..., Result]) -> None:
    say("add", "kim@reader.example", "--list", "weekly", "--consent", "asked")
    say("end", "kim@reader.example", "--list", "weekly")
    say("export", "all.csv", "--history")
    rows = [line.split(",") for line in (house / "all.csv").read_text("utf-8-sig").splitlines()]
    assert [row[3] for row in rows] == ["event", "given", "withdrawn", "refused"]
    told = say("import", "all.csv", "--list", "weekly")
    assert "This is a history: its refusals are taken over" in told.stderr
    assert asked(say("list", "--status", "pending", "--json")) == []


def test_an_export_that_fails_leaves_nothing_half_done(
    house: Path, say: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    say("add", "kim@reader.example", "--list", "weekly", "--consent", "asked")
    (house / "out.csv").write_text("kept", encoding="utf-8")

    async def broken(*_: object) -> None:
        raise OSError(28, "No space left on device", "accesses")

    monkeypatch.setattr("publisher.store.accesses.record", broken)
    say("export", "out.csv", code=1)
    assert (house / "out.csv").read_text(encoding="utf-8") == "kept"
    assert not list(house.glob(".out.csv*"))


def test_addresses_may_be_piped_in(say: Callable[..., Result]) -> None:
    pasted = '"홍길동" <hong@reader.example>; lee@reader.example'.encode()
    assert "2 accepted" in say("import", "-", "--list", "weekly", piped=pasted).stdout


def test_a_dry_run_tells_what_would_become_of_each_row(house: Path, say: Callable[..., Result]) -> None:
    say("add", "there@reader.example", "--list", "weekly", "--consent", "asked")
    (house / "readers.csv").write_text(
        "email,언어,status,consented_at\nthere@reader.example,,,\nthere@reader.example,,,\nx,,,\n"
        "new@reader.example,영어,,2026-03-02\nold@reader.example,,unsubscribed,\n",
        encoding="utf-8",
    )
    told = say("import", "readers.csv", "--list", "weekly", "--dry-run")
    assert told.stderr.splitlines() == [
        "line 2: there already: there@reader.example",
        "line 3: the same address as in line 2",
        "line 4: An e-mail address must have an @-sign: 'x'",
        "line 5: new on weekly in en: new@reader.example",
        "line 6: refusal (unsubscribed), no letters of weekly any more: old@reader.example",
    ]
    assert (
        "1 would be accepted, 1 on the list already, 0 on it in other languages, 1 refusal would be taken over"
        in told.stdout
    )


def test_a_reader_with_other_languages_is_counted_apart(house: Path, say: Callable[..., Result]) -> None:
    say("add", "kim@reader.example", "--list", "weekly", "--languages", "en", "--consent", "asked")
    (house / "readers.csv").write_text("email,consented_at\nkim@reader.example,2026-03-02\n", encoding="utf-8")
    told = say("import", "readers.csv", "--list", "weekly")
    assert "0 on the list already, 1 on it in other languages" in told.stdout
    assert "line 2: there already in en, which the reader chose and keeps: kim@reader.example" in told.stderr
    counts = asked(say("import", "readers.csv", "--list", "weekly", "--json"))
    assert (counts["kept"], counts["rejected"]) == (1, [])


def test_what_is_too_long_for_the_terminal_stands_in_a_report_beside_the_file(
    house: Path, say: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "_SHOWN", 2)
    (house / "readers.csv").write_text("email\n" + "nobody\n" * 5, encoding="utf-8")
    told = say("import", "readers.csv", "--list", "weekly")
    assert "… and 3 more rows" in told.stderr
    report = (house / "readers.csv.report.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(report) == 6
    assert report[1].startswith("2,rejected,")
    assert len(asked(say("import", "readers.csv", "--list", "weekly", "--json"))["rejected"]) == 5


def test_whom_a_file_brought_in_without_proof_is_listed_for_review(house: Path, say: Callable[..., Result]) -> None:
    (house / "readers.csv").write_text("email\nkim@reader.example\n", encoding="utf-8")
    told = say("import", "readers.csv", "--list", "weekly", "--consent", "asked at the seminar")
    assert "`publisher subscribers review` shows them" in told.stderr
    assert [one["address"] for one in asked(say("review", "--json"))] == ["k***@reader.example"]
    say("import", "readers.csv", "--list", "weekly", "--consent", "asked", "--consented-at", "2026-03-02")
    assert asked(say("review", "--json")) == []
    assert "Nothing waits for you." in say("review").stderr


@pytest.mark.parametrize(
    ("words", "code", "what"),
    [
        (["import", "none.csv"], 1, "none.csv"),
        (["import", "book.xls", "--list", "weekly"], 1, r".xls), one of Hancell"),
        (["import", "two.csv", "--list", "monthly"], 1, "there are: weekly"),
        (["import", "two.csv", "--list", "weekly", "--sheet", "A"], 1, "this is no workbook"),
        (["import", "two.csv", "--list", "weekly", "--consented-at", "2026-03-02"], 2, "say with --consent how"),
        (["import", "two.csv", "--list", "weekly", "--consent", "x", "--consented-at", "2036-03-02"], 2, "has been"),
        (["import", "empty.csv", "--list", "weekly"], 1, "the file is empty"),
        (["import", "header.csv", "--list", "weekly"], 1, "no row stands below them"),
        (["import", "two.csv"], 2, "say which with --list; there are: weekly"),
        (["import", "two.csv", "--list", "weekly", "--languages", "fr"], 2, "--languages fr: the list comes in: ko"),
        (["export", "-", "--json"], 2, "name a FILE"),
        (["export", "out.csv", "--history", "--status", "active"], 2, "leave --status out"),
        (["export", "none/out.csv"], 1, "check that this place exists"),
    ],
)
def test_what_cannot_be_done_is_told_with_what_to_do(
    house: Path, say: Callable[..., Result], words: list[str], code: int, what: str
) -> None:
    (house / "book.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500))
    (house / "two.csv").write_text("email\na@reader.example\n", encoding="utf-8")
    (house / "empty.csv").write_text("", encoding="utf-8")
    (house / "header.csv").write_text("email\n", encoding="utf-8")
    assert what in say(*words, code=code).output


def test_a_consent_to_advertising_is_recorded_with_how_it_is_known(say: Callable[..., Result]) -> None:
    kim = "kim@reader.example"
    seminar = ("--advertising", "ticked on the form of the seminar", "--consented-at", "2026-03-02")
    assert "does not get weekly yet" in say("add", kim, "--list", "weekly", *seminar, code=1).stderr
    say("add", kim, "--list", "weekly", "--languages", "en", "--consent", "asked at the seminar")
    told = asked(say("add", kim, "--list", "weekly", *seminar, "--json"))
    assert told == {
        "address": kim,
        "list": "weekly",
        "languages": "en",
        "status": "active",
        "new": False,
        "recorded": False,
        "advertising": True,
    }
    line = asked(say("show", kim, "--json"))["consents"][-1]
    assert (line["scope"], line["event"], line["means"]) == ("advertising", "given", "operator")
    assert (line["evidence"], line["at"]) == ("ticked on the form of the seminar", "2026-03-01T15:00:00+00:00")
    again = say("add", kim, "--list", "weekly", *seminar).stdout
    assert "agreed to advertising already; nothing was written down" in again


# ── A second word about a consent ────────────────────────────────────────────

KIM = "kim@reader.example"
ON_WEEKLY = ("add", KIM, "--list", "weekly")
FORM = ("--consent", "a paper form", "--consented-at", "2026-03-02")


def test_a_second_word_about_a_consent_is_added_beside_the_first(say: Callable[..., Result]) -> None:
    say(*ON_WEEKLY, "--languages", "en", "--consent", "asked at the seminar", "--consented-at", "2026-05-04")
    told = say(*ON_WEEKLY, *FORM).stdout
    assert "already. What you told is added to the record; nothing else was changed." in told
    assert "  given 2026-05-04 00:00 KST, by operator: asked at the seminar" in told
    assert "  given 2026-03-02 00:00 KST, by operator: a paper form" in told
    record = asked(say("show", KIM, "--json"))["consents"]
    assert [(one["at"][:10], one["evidence"]) for one in record] == [
        ("2026-05-03", "asked at the seminar"),
        ("2026-03-01", "a paper form"),
    ]


def test_the_same_word_twice_is_on_record_once(say: Callable[..., Result]) -> None:
    say(*ON_WEEKLY, *FORM)
    told = say(*ON_WEEKLY, *FORM).stdout
    assert "already. What you told is on record; nothing was changed." in told
    undated = say(*ON_WEEKLY, "--consent", "a paper form", "--json")
    assert (asked(undated)["new"], asked(undated)["recorded"]) == (False, False)
    assert len(asked(say("show", KIM, "--json"))["consents"]) == 1


def test_whoever_is_there_already_is_told_so_with_what_was_not_taken_over(say: Callable[..., Result]) -> None:
    assert asked(say(*ON_WEEKLY, *FORM, "--name", "Kim", "--json"))["new"] is True
    told = say(*ON_WEEKLY, "--name", "Lee")
    assert "They were on weekly already. Nothing was changed." in told.stdout
    assert "  given 2026-03-02 00:00 KST, by operator: a paper form" in told.stdout
    assert "--consent TEXT, with --consented-at DAY, adds to the record" in told.stderr
    assert "The name on record stays: Kim" in told.stderr


def test_what_was_told_of_a_consent_is_shown(say: Callable[..., Result]) -> None:
    say(*ON_WEEKLY, "--consent", "asked at the seminar")
    assert "by operator: asked at the seminar" in say("show", KIM).stdout
    assert "No letter has been made for them yet." in say("show", KIM).stdout


# ── Who waits ────────────────────────────────────────────────────────────────


def test_whom_the_operator_added_without_a_consent_waits_and_is_told_of(say: Callable[..., Result]) -> None:
    told = say(*ON_WEEKLY)
    assert "No letter asks them" in told.stderr
    assert "https://letters.hanbit-peace.example/subscribe" in told.stderr
    assert "`publisher subscribers review`" in told.stderr
    assert [(one["address"], one["kind"]) for one in asked(say("review", "--json"))] == [
        ("k***@reader.example", "subscription")
    ]
    waiting = say("review")
    assert "no date of a consent is known" in waiting.stdout
    assert "`publisher subscribers add ADDRESS --list LIST --consent TEXT --consented-at DAY`" in waiting.stderr
    assert "notices --release" not in waiting.stderr
    say(*ON_WEEKLY, *FORM)
    assert asked(say("review", "--json")) == []


def test_an_address_that_only_a_refusal_knows_is_shown_with_it(house: Path, say: Callable[..., Result]) -> None:
    (house / "old.csv").write_text(
        "email,status,ended_at\nkim@reader.example,bounced,2026-03-02\nlee@reader.example,unsubscribed,2026-03-02\n",
        encoding="utf-8",
    )
    say("import", "old.csv", "--list", "weekly")
    assert "never written to since 2026-03-02 00:00 KST (bounced), by import" in say("show", KIM).stdout
    assert "weekly: refused 2026-03-02 00:00 KST, by import" in say("show", "lee@reader.example").stdout
    assert asked(say("show", KIM, "--json"))["suppression"]["reason"] == "bounced"
    assert "There is nothing to erase" in say("erase", KIM).stdout
    assert "came back (bounced)" in say(*ON_WEEKLY, "--consent", "asked", code=1).stderr
    assert "nobody with this address is known here" in say("show", "han@reader.example", code=1).stderr


def test_who_waits_is_told_until_when_and_counted_as_listed(
    house: Path, say: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLISHER_CLOCK", "2026-11-23T16:00:00+00:00")  # the 24th in Seoul
    (house / "readers.csv").write_text("email\nkim@reader.example\nlee@reader.example\n", encoding="utf-8")
    assert "After 7 days without one they are off the list" in say("import", "readers.csv", "--list", "weekly").stderr
    assert [one["due_on"] for one in asked(say("review", "--json"))] == ["2026-12-01", "2026-12-01"]
    assert "2026-12-01" in say("review").stdout
    with chdir(house):
        told = CliRunner().invoke(main, ["notices"])
        counts = json.loads(CliRunner().invoke(main, ["notices", "--json"]).stdout)
    assert "2 readers wait without the date of a consent" in told.stdout
    assert (counts["waiting"], counts["undated"], counts["readers"]) == (0, 0, 2)


def test_a_notice_that_is_too_late_to_leave_by_itself_is_not_promised(
    say: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLISHER_CLOCK", "2026-11-24T03:00:00+00:00")
    say(*ON_WEEKLY, *FORM)
    told = say(*ON_WEEKLY, "--advertising", "a paper form", "--consented-at", "2026-11-01").stdout
    assert "The last day for telling them so was 2026-11-15" in told
    assert "`publisher notices --release` sends it" in told


def test_of_whom_others_brought_in_nobody_says_that_they_asked(house: Path, say: Callable[..., Result]) -> None:
    (house / "readers.csv").write_text("email,consent_source\nlee@reader.example,old list\n", encoding="utf-8")
    say("import", "readers.csv", "--list", "weekly")
    say(*ON_WEEKLY)
    shown = {who: say("show", f"{who}@reader.example").stdout for who in ("lee", "kim")}
    assert "weekly: brought in by a file, without proof of a consent: old list" in shown["lee"]
    assert "weekly: brought in by an operator, without proof of a consent" in shown["kim"]
    say("evidence", "lee@reader.example", "--out", "proof.json")
    proof = json.loads((house / "proof.json").read_text(encoding="utf-8"))
    assert [(one["event"], one["at"]) for one in proof["person"]["consents"]] == [("entered", None)]
    say("export", "all.csv", "--history")
    assert ",entered," in (house / "all.csv").read_text("utf-8-sig")


def test_days_are_those_of_the_house(say: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLISHER_CLOCK", "2026-11-23T16:00:00+00:00")  # the 24th in Seoul
    say(*ON_WEEKLY, *FORM)
    assert say("list").stdout.splitlines()[1].endswith("active   2026-11-24")
    assert asked(say("list", "--json"))[0]["since"].startswith("2026-11-23T16:00")


def test_letting_an_address_ask_anew_takes_a_reason_and_something_to_undo(say: Callable[..., Result]) -> None:
    assert "--because" in say("readmit", "kim@reader.example", code=2).output
    told = say("readmit", "kim@reader.example", "--because", "they called", code=1)
    assert "neither bounced" in told.output
