"""What an operator sees and does about roads that rest, uncertain copies, and the pace."""

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta

from tests.cli.institute import Institute


def released(institute: Institute) -> None:
    """An edition to four readers, on its way."""
    institute.run("ingest")
    institute.enlist()
    institute.board.publish_more()
    institute.run("ingest")
    institute.run("compose", "weekly")
    institute.run("approve", "weekly", "1")
    institute.run("release", "weekly", "1", "--now")


def store_says(institute: Institute, statement: str) -> None:
    with closing(sqlite3.connect(institute.folder / "var" / "publisher.db")) as store:
        store.execute(statement)
        store.commit()


def test_a_profile_that_rests_is_told_and_can_be_let_go_on(institute: Institute) -> None:
    released(institute)
    refused = {"PUBLISHER_DELIVERY__SMTP__USER": "letters", "PUBLISHER_DELIVERY__SMTP__PASSWORD": "wrong"}
    told = institute.run("deliver", code=1, **refused)
    assert "`publisher profiles resume`" in told
    [profile] = institute.ask("profiles", "list")
    assert (profile["name"], profile["state"], profile["why"]) == ("default", "resting", "refused")
    assert datetime.fromisoformat(profile["until"]) > datetime.fromisoformat(profile["since"])
    assert institute.ask("status")["profiles"] == [profile]
    assert "rests since" in institute.run("status")
    assert "publisher profiles resume default" in institute.run("check")
    assert "there are: default" in institute.run("profiles", "resume", "relay", code=1)
    assert institute.run("profiles", "resume", "default") == "default: going on\n"
    assert institute.run("profiles", "resume") == "no profile was resting\n"
    assert "4 sent" in institute.run("deliver")
    [profile] = institute.ask("profiles", "list")
    assert (profile["state"], profile["last_24_hours"], profile["reason"]) == ("ok", 4, None)


def test_uncertain_copies_are_sent_once_more_or_taken_for_sent(institute: Institute) -> None:
    released(institute)
    institute.run("deliver")
    assert institute.run("uncertain", "list") == "no copy is uncertain\n"
    store_says(institute, "UPDATE deliveries SET status = 'uncertain', reason = 'no answer' WHERE id IN (1, 2)")
    found = institute.ask("uncertain", "list")
    assert [(one["list"], one["number"], one["reason"]) for one in found] == [("weekly", 1, "no answer")] * 2
    assert "ko@reader.example" not in institute.run("uncertain", "list")
    assert "name its NUMBER" in institute.run("uncertain", "resend", "weekly", code=1)
    store_says(institute, "UPDATE deliveries SET status = 'sent' WHERE id = 2")
    assert institute.run("uncertain", "resend", "weekly", "1") == "1 copy waits to go once more\n"
    assert institute.ask("show", "weekly", "1")["status"] == "released"
    assert "1 sent" in institute.run("deliver")
    assert institute.ask("show", "weekly", "1")["status"] == "sent"
    ids = [message["Message-ID"] for _, message in institute.mail.received]
    assert (len(ids), len(set(ids))) == (5, 4)
    store_says(institute, "UPDATE deliveries SET status = 'uncertain' WHERE id = 3")
    assert institute.run("uncertain", "accept") == "1 copy counts as sent\n"
    assert institute.ask("show", "weekly", "1")["account"]["sent"] == 4


def test_pause_and_stop_say_what_is_out(institute: Institute) -> None:
    released(institute)
    store_says(institute, "UPDATE deliveries SET status = 'sent' WHERE id = 1")
    assert institute.run("pause", "weekly", "1") == "weekly No. 1: paused; 1 of 4 copies are out\n"
    assert institute.run("stop", "weekly", "1") == "weekly No. 1: stopped; 1 of 4 copies are out\n"


def test_the_end_is_foretold_before_release_and_on_the_way(institute: Institute) -> None:
    institute.run("ingest")
    institute.enlist()
    institute.board.publish_more()
    daily = {"PUBLISHER_DELIVERY__SMTP__PER_DAY": "2"}
    told = institute.run("send", "weekly", "--yes", code=1, **daily)
    assert "At the configured pace it is done by " in told
    assert "the 2 letters of a day by the profile default are used up; until " in told
    assert "at the configured pace it is done by " in institute.run("show", "weekly", "1", **daily)
    assert institute.ask("show", "weekly", "1")["ends_at"] is None  # no pace is configured there


def test_by_hand_nothing_is_sent_that_another_process_has_in_hand_and_it_says_so(institute: Institute) -> None:
    released(institute)
    lease = (datetime.now() + timedelta(minutes=9)).isoformat(" ")  # noqa: DTZ005 - as the store writes it
    store_says(
        institute,
        f"UPDATE deliveries SET status = 'sending', worker_id = 'elsewhere', claim_no = 1, lease_until = '{lease}'",
    )
    assert "4 copies are in the hands of another process, such as `publisher run`" in institute.run("deliver")
