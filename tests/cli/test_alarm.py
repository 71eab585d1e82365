"""A board that cannot be read: who is told, and what `status` says to do."""

from tests.cli.institute import Institute


def test_operators_are_told_once_of_a_board_that_is_down_and_once_that_it_is_over(institute: Institute) -> None:
    config = institute.folder / "config.yaml"
    written = config.read_text(encoding="utf-8")
    told = written.replace("  languages: [ko, en]", "  languages: [ko, en]\n  operators: [kim@hanbit-peace.example]", 1)
    config.write_text(told, encoding="utf-8")
    institute.run("ingest")
    for _ in range(4):
        institute.run("ingest", code=1, PUBLISHER_ARCHIVES__DIRECTOR__ALLOW="")
    status = institute.run("status")
    assert "failing since" in status
    assert "What to do: The address leads into a private network." in status
    assert "go to k***@hanbit-peace.example" in status
    institute.run("deliver")
    [alarm] = institute.mail.letters().values()
    assert alarm["Subject"] == "자료실을 읽지 못하고 있습니다: 원장 자료실"
    assert alarm["Auto-Submitted"] == "auto-generated"
    institute.run("ingest")
    institute.run("deliver")
    subjects = [letter["Subject"] for _, letter in institute.mail.received]
    assert subjects[1:] == ["자료실이 정상으로 돌아왔습니다: 원장 자료실"]
    assert "the last, of" in institute.run("status")


def test_a_house_without_operators_is_told_that_nobody_is_told(institute: Institute) -> None:
    told = institute.run("status", PUBLISHER_SITE__OPERATORS="nobody@hanbit-peace.example")
    assert "go to n***@hanbit-peace.example" in told
    assert "go to b***@hanbit-peace.example" in institute.run("status"), "the sender, where nobody is named"


def test_check_finds_a_broken_template_of_an_alarm_before_there_is_one(institute: Institute) -> None:
    folder = institute.folder / "templates" / "email" / "alarm"
    folder.mkdir(parents=True)
    (folder / "subject.txt").write_text("{{ facts.titel }}", encoding="utf-8")
    assert "email/alarm/subject.txt, line 1: " in institute.run("check", code=1)
