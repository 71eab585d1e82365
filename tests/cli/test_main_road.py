"""The main job, the way its user does it: real commands, a real board over HTTP, a real SMTP server."""

import json

from tests.cli.institute import KEYS, Institute, address_of


def test_an_edition_sent_by_hand_arrives_in_all_four_language_keys(institute: Institute) -> None:
    told = institute.run("ingest")
    assert "24 new (24 kept out of letters)" in told
    assert "24 that stood in the archive before it was first read" in told
    assert "`publisher entries admit ID…`" in told
    assert "nothing new" in institute.run("send", "weekly", "--yes")
    institute.enlist()
    institute.board.publish_more()
    assert "4 recipients = 4 sent" in institute.run("send", "weekly", "--yes")
    letters = institute.mail.letters()
    assert set(letters) == {address_of(key) for key in KEYS}
    assert letters["ko@reader.example"]["Subject"].startswith("제1호 · ")
    assert letters["en@reader.example"]["Subject"].startswith("No. 1 · ")
    assert letters["ko-en@reader.example"]["Subject"].startswith("제1호 · ")
    assert letters["en-ko@reader.example"]["Subject"].startswith("No. 1 · ")
    for letter in letters.values():
        unsubscribe = letter["List-Unsubscribe"]
        assert unsubscribe.startswith("<https://letters.hanbit-peace.example/briefing/unsubscribe/")
        assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        plain, html = letter.get_body(("plain",)), letter.get_body(("html",))
        assert plain is not None
        assert html is not None
        assert unsubscribe.strip("<>") in plain.get_content().replace("\n", "")
        assert unsubscribe.strip("<>") in html.get_content()


def test_a_second_send_says_that_nothing_is_new(institute: Institute) -> None:
    institute.run("ingest")
    institute.enlist()
    institute.board.publish_more()
    institute.run("send", "weekly", "--yes")
    assert "nothing new" in institute.run("send", "weekly", "--yes")
    assert len(institute.mail.letters()) == 4
    answer = institute.ask("send", "weekly", "--yes")
    assert (answer["verdict"], answer["number"]) == ("nothing new", None)


def test_two_at_once_release_one_edition(institute: Institute) -> None:
    institute.run("ingest")
    institute.enlist()
    institute.board.publish_more()
    both = [institute.start("send", "weekly", "--yes") for _ in range(2)]
    told = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert len(institute.mail.letters()) == 4
    editions = institute.ask("editions")
    assert [(edition["number"], edition["status"]) for edition in editions] == [(1, "sent")]
    assert editions[0]["account"]["sent"] == editions[0]["account"]["recipients"] == 4


def test_a_mail_server_that_is_down_is_waited_for(institute: Institute) -> None:
    institute.run("ingest")
    institute.enlist()
    institute.board.publish_more()
    told = institute.run("send", "weekly", "--yes", code=1, PUBLISHER_DELIVERY__SMTP__PORT="1")
    assert "It waits" in told
    assert institute.mail.letters() == {}
    assert "4 sent" in institute.run("deliver")
    assert len(institute.mail.letters()) == 4


def test_without_somebody_to_ask_nothing_is_released(institute: Institute) -> None:
    institute.run("ingest")
    institute.enlist()
    institute.board.publish_more()
    assert "--yes" in institute.run("send", "weekly", code=1)
    assert institute.mail.letters() == {}


def test_a_test_goes_to_one_address_and_counts_for_nothing(institute: Institute) -> None:
    institute.run("ingest")
    institute.board.publish_more()
    institute.run("ingest")
    institute.run("compose", "weekly")
    institute.run("test", "weekly", "1", "editor@hanbit-peace.example", "--language", "en+ko")
    (letter,) = institute.mail.letters().values()
    assert "No. 1 · " in letter["Subject"]
    assert not letter["Subject"].startswith("No. 1"), "a test says that it is one"
    shown = institute.ask("show", "weekly", "1")
    assert (shown["status"], shown["account"]["recipients"]) == ("draft", 0)


def test_a_test_that_did_not_go_is_no_success(institute: Institute) -> None:
    institute.run("ingest")
    institute.board.publish_more()
    institute.run("ingest")
    institute.run("compose", "weekly")
    told = institute.run("test", "weekly", "1", "김편집@hanbit-peace.example", code=1)
    assert "the test did not go (failed): refused for good (553 5.6.7)" in told


def test_an_edition_of_a_list_that_was_taken_out_can_still_be_stopped(institute: Institute) -> None:
    institute.run("ingest")
    institute.enlist()
    institute.board.publish_more()
    institute.run("ingest")
    institute.run("compose", "weekly")
    institute.run("approve", "weekly", "1")
    institute.run("release", "weekly", "1")
    config = institute.folder / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("  weekly:", "  monthly:"), encoding="utf-8")
    institute.run("stop", "weekly", "1")
    assert institute.ask("show", "weekly", "1")["account"]["withheld"] == 4
    assert "there are: monthly" in institute.run("stop", "weakly", "1", code=1)


def test_what_is_left_in_the_outbox_is_told(institute: Institute) -> None:
    institute.run("ingest")
    institute.enlist()
    institute.board.publish_more()
    institute.run("send", "weekly", "--yes", code=1, PUBLISHER_DELIVERY__SMTP__PORT="1")
    told = institute.run("deliver", "--json", code=1, PUBLISHER_DELIVERY__SMTP__PORT="1")
    assert json.loads(told.partition("\nNot everything could leave")[0]) == {
        "sent": 0,
        "failed": 0,
        "withheld": 0,
        "uncertain": 0,
        "waiting": 4,
        "sending": 0,
    }
    assert institute.ask("deliver") == {
        "sent": 4,
        "failed": 0,
        "withheld": 0,
        "uncertain": 0,
        "waiting": 0,
        "sending": 0,
    }


def test_by_the_steps_compose_preview_approve_release_deliver(institute: Institute) -> None:
    institute.run("ingest")
    institute.enlist()
    institute.board.publish_more()
    institute.run("ingest")
    assert "weekly No. 1: 4 entries" in institute.run("compose", "weekly")
    institute.run("preview", "weekly", "1", "--language", "ko", "--out", "letter.html")
    assert 'lang="ko"' in (institute.folder / "letter.html").read_text(encoding="utf-8")
    assert "released: publisher approve weekly 1\n" in institute.run("release", "weekly", "1", code=1)
    institute.run("approve", "weekly", "1")
    assert "4 recipients" in institute.run("release", "weekly", "1")
    institute.run("pause", "weekly", "1")
    institute.run("deliver")
    assert institute.mail.letters() == {}
    institute.run("resume", "weekly", "1")
    institute.run("deliver")
    assert len(institute.mail.letters()) == 4
    assert "4 recipients = 4 sent" in institute.run("show", "weekly", "1")


def test_feeds_written_twice_change_nothing(institute: Institute) -> None:
    institute.run("ingest")
    first = institute.ask("feeds", "--out", "feeds")
    again = institute.ask("feeds", "--out", "feeds")
    assert first["changed"]
    assert (again["changed"], again["removed"]) == ([], [])
    assert sorted(again["unchanged"]) == sorted(first["changed"])


def test_who_follows_is_told_without_writing_a_feed(institute: Institute) -> None:
    assert institute.ask("feeds", "--followers") == []
    assert "nobody has asked" in institute.run("feeds", "--followers")
    assert "--out DIR" in institute.run("feeds", code=2)
    assert "--followers" in institute.run("feeds", "--followers", "--out", "feeds", code=2)


def test_a_board_that_is_gone_is_told_with_its_reason_and_harms_nothing(institute: Institute) -> None:
    institute.run("ingest")
    before = institute.ask("entries", "list")
    gone = "http://127.0.0.1:1/bbs/board.php?bo_table=director"
    environ = {"PUBLISHER_ARCHIVES__DIRECTOR__URL": gone, "PUBLISHER_ARCHIVES__DIRECTOR__ALLOW": "127.0.0.1:1"}
    assert "unreachable" in institute.run("ingest", code=1, **environ)
    assert "unreachable" in institute.run("status")
    assert institute.ask("entries", "list") == before


def test_a_stranger_s_list_or_number_is_answered_with_those_that_there_are(institute: Institute) -> None:
    assert "there are: weekly" in institute.run("compose", "monthly", code=1)
    assert "`publisher editions` lists them" in institute.run("show", "weekly", "7", code=1)
    institute.run("show", "weekly", "seven", code=2)


def test_readers_come_in_from_a_file_and_bad_rows_are_told(institute: Institute) -> None:
    rows = [
        "email,name,languages,lists,consented_at,consent_source",
        "haneul@reader.example,하늘,ko,weekly,2026-03-02,seminar",
        "not an address,,ko,weekly,2026-03-02,seminar",
        "HANEUL@reader.example,하늘,ko,weekly,2026-03-02,seminar",
        "sea@reader.example,Sea,fr,weekly,2026-03-02,seminar",
        "sky@reader.example,Sky,en,weekly,,",
    ]
    (institute.folder / "readers.csv").write_text("\n".join(rows), encoding="cp949")
    dry = institute.ask("subscribers", "import", "readers.csv", "--dry-run")
    assert institute.ask("subscribers", "list") == []
    real = institute.ask("subscribers", "import", "readers.csv")
    again = institute.ask("subscribers", "import", "readers.csv")
    assert (real["pending"], again["accepted"], again["unchanged"]) == (1, 0, 2)
    rows = dry.pop("rows")
    assert dry == real
    assert [(row["line"], row["what"]) for row in rows] == [
        (2, "active"),
        (3, "rejected"),
        (4, "duplicate"),
        (5, "rejected"),
        (6, "pending"),
    ]
    assert real["accepted"] == 2
    assert [bad["line"] for bad in real["rejected"]] == [3, 5]
    assert real["duplicates"] == [{"line": 4, "first_line": 2}]
    listed = institute.ask("subscribers", "list")
    assert [(one["status"], one["address"]) for one in listed] == [
        ("active", "h***@reader.example"),
        ("pending", "s***@reader.example"),
    ]


def test_check_finds_everything_in_order_and_status_tells_what_is_next(institute: Institute) -> None:
    institute.run("ingest")
    assert "lets us in" in institute.run("check")
    assert "next" in institute.run("status")


def released(institute: Institute) -> None:
    """An edition that waits in its grace period."""
    path = institute.folder / "config.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("grace: 0s", "grace: 1h"), encoding="utf-8")
    institute.run("ingest")
    institute.enlist()
    institute.board.publish_more()
    institute.run("ingest")
    institute.run("compose", "weekly")
    institute.run("approve", "weekly", "1")
    assert "`cancel` takes it back" in institute.run("release", "weekly", "1")


def test_a_release_is_taken_back_within_its_grace_period_as_if_it_had_not_been(institute: Institute) -> None:
    released(institute)
    assert "The next is due" in institute.run("deliver")
    institute.run("cancel", "weekly", "1")
    assert institute.mail.letters() == {}
    assert "weekly No. 1: 4 entries" in institute.run("compose", "weekly")
    assert "4 recipients = 4 sent" in institute.run("send", "weekly", "--yes")


def test_a_grace_period_can_be_ended_and_then_it_is_too_late_to_take_back(institute: Institute) -> None:
    released(institute)
    institute.run("release", "weekly", "1", "--now")
    institute.run("deliver")
    assert len(institute.mail.letters()) == 4
    assert "everything is done" in institute.run("cancel", "weekly", "1", code=1)


def test_what_was_kept_out_of_letters_is_told_and_can_be_let_in(institute: Institute) -> None:
    institute.run("ingest")
    assert "24 that stood in the archive before it was first read" in institute.run("compose", "weekly")
    entry = institute.ask("entries", "list")[0]
    assert "1 entry will stand in the next edition" in institute.run("entries", "admit", entry["id"])
    assert institute.ask("compose", "weekly")["entries"] == [entry["id"]]
    assert "is not kept out" in institute.run("entries", "admit", entry["id"], code=1)


def test_the_operator_takes_off_a_reader_who_asked_for_it(institute: Institute) -> None:
    institute.enlist()
    institute.run("subscribers", "end", address_of("ko"), "--list", "weekly")
    told = institute.run(
        "subscribers", "add", address_of("ko"), "--list", "weekly", "--consent", "changed their mind", code=1
    )
    assert "only the person can ask anew" in told
    assert "was off already" in institute.run("subscribers", "end", address_of("ko"), "--list", "weekly")
    assert "is not on weekly" in institute.run("subscribers", "end", "no@reader.example", "--list", "weekly", code=1)


def test_a_blank_consent_is_none(institute: Institute) -> None:
    told = institute.run("subscribers", "add", "a@reader.example", "--list", "weekly", "--consent", "  ")
    assert "pending" in told


def test_not_knowing_whether_something_is_new_is_no_success(institute: Institute) -> None:
    institute.run("ingest")
    gone = "http://127.0.0.1:1/bbs/board.php?bo_table=director"
    environ = {"PUBLISHER_ARCHIVES__DIRECTOR__URL": gone, "PUBLISHER_ARCHIVES__DIRECTOR__ALLOW": "127.0.0.1:1"}
    assert "nothing new among what could be read" in institute.run("send", "weekly", "--yes", code=1, **environ)


def test_check_asks_the_archive_now(institute: Institute) -> None:
    institute.run("ingest")
    elsewhere = institute.ask("archives", "list")[0]["url"].replace("director", "nothere")
    told = institute.run("check", code=1, PUBLISHER_ARCHIVES__DIRECTOR__URL=elsewhere)
    assert "wrong  archive director: " in told
    assert "The site knows no such board." in told


def test_what_became_of_every_copy_is_shown_with_masked_addresses(institute: Institute) -> None:
    institute.run("ingest")
    institute.enlist()
    institute.board.publish_more()
    institute.mail.answers[address_of("en")] = "550 5.1.1 no such user"
    institute.run("send", "weekly", "--yes")
    shown = institute.ask("show", "weekly", "1", "--readers")
    assert [(copy["language_key"], copy["status"]) for copy in shown["copies"]] == [
        ("ko", "sent"),
        ("en", "failed"),
        ("ko+en", "sent"),
        ("en+ko", "sent"),
    ]
    assert all("***" in copy["address"] for copy in shown["copies"])
    assert "no such user" in institute.run("show", "weekly", "1", "--readers")
    assert "1 failed" in institute.run("status")
