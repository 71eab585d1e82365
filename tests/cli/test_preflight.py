"""`preflight` and the question before release, as the operator meets them."""

from tests.cli.institute import Institute


def composed(institute: Institute) -> None:
    institute.run("ingest")
    institute.enlist()
    institute.board.publish_more()
    institute.run("ingest")
    institute.run("compose", "weekly")


def spoil(institute: Institute) -> None:
    subject = institute.folder / "templates/email/digest/subject.txt"
    subject.parent.mkdir(parents=True)
    subject.write_text("{{ letter.number }} {{ '{{ title }}' }}", encoding="utf-8")


def test_an_edition_in_order_is_told_so_and_released(institute: Institute) -> None:
    composed(institute)
    told = institute.ask("preflight", "weekly", "1")
    assert told["verdict"] == "green", told["findings"]
    assert sorted(told["languages"]) == ["en", "en+ko", "ko", "ko+en"]
    assert {finding["check"] for finding in told["findings"]} == {"letter", "dns"}
    assert "0 red, 0 yellow" in institute.run("preflight", "weekly", "1")
    assert "문제가 없습니다" in institute.run("preflight", "weekly", "1", "--in", "ko")
    institute.run("approve", "weekly", "1")
    institute.run("release", "weekly", "1")
    _hand_in_results(institute)


def test_a_red_edition_is_not_released_by_any_road_until_somebody_answers_for_it(institute: Institute) -> None:
    composed(institute)
    spoil(institute)
    institute.run("approve", "weekly", "1")
    assert "A mark of a template was left over" in institute.run("preflight", "weekly", "1", code=1)
    assert "it is not released" in institute.run("release", "weekly", "1", "--yes", code=1)
    assert "it is not released" in institute.run("send", "weekly", "1", "--yes", code=1)
    assert institute.mail.letters() == {}
    assert "belong together" in institute.run("preflight", "weekly", "1", "--accept", "marks", code=2)
    told = institute.run("preflight", "weekly", "1", "--accept", "marks", "--why", "a letter on templates")
    assert "a letter on templates" in told
    assert "4 recipients = 4 sent" in institute.run("send", "weekly", "1", "--yes")


def _hand_in_results(institute: Institute) -> None:
    """What a mailbox said of a test letter is read, if it is one of this house."""
    source = institute.folder / "letter.eml"
    source.write_text("Authentication-Results: mx.mail.example; dkim=pass header.d=hanbit-peace.example; spf=pass\n")
    told = institute.run("preflight", "weekly", "1", "--authentication-results", str(source))
    assert "mx.mail.example found DKIM in order for hanbit-peace.example" in told
    source.write_text("Authentication-Results: mx.mail.example; dmarc=pass header.from=else.example\n")
    told = institute.run("preflight", "weekly", "1", "--authentication-results", str(source), code=1)
    assert "that letter is from else.example" in told
    source.write_text("Subject: hello\n")
    assert "Show original" in institute.run("preflight", "weekly", "1", "--authentication-results", str(source), code=1)
