"""Our own marks: made, found again, and not to be forged."""

import re

from hypothesis import given
from hypothesis import strategies as st

from publisher.delivery.bounces.mail import Mail
from publisher.delivery.bounces.reading import read
from publisher.delivery.bounces.returned import Kind
from publisher.delivery.bounces.traces import ReturnAddress, bounced_delivery, left_delivery, traces_in, traces_of
from tests.delivery.bounces.mails import OURS, dsn, plain

SECRET = b"s" * 32
ADDRESS = ReturnAddress(address="bounces@hanbit-peace.example", secret=SECRET)


def token(address: str) -> str:
    found = re.search(r"\+[bl]([a-z2-7]{26})@", address)
    assert found
    return found[1]


@given(st.integers(1, 2**48 - 1))
def test_a_return_path_leads_back_to_its_delivery(delivery_id: int) -> None:
    address = ADDRESS.bounce(delivery_id)
    assert len(address.partition("@")[0]) <= 64
    (found,) = traces_of(Mail(plain("", to=address.upper()))).tokens
    assert bounced_delivery(found, [b"another" * 5, SECRET]) == delivery_id


@given(st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=26, max_size=26))
def test_a_made_up_token_is_nobodys(made_up: str) -> None:
    assert bounced_delivery(made_up, [SECRET]) is None
    assert left_delivery(made_up, [SECRET]) is None


@given(st.integers(0, 25), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_an_altered_token_is_nobodys(place: int, letter: str) -> None:
    good = token(ADDRESS.bounce(12))
    altered = good[:place] + letter + good[place + 1 :]
    assert bounced_delivery(altered, [SECRET]) in ({12} if altered == good else {None, 12 if place == 25 else None})


def test_a_token_for_one_purpose_does_not_serve_another() -> None:
    leave = ADDRESS.leave(12)
    assert leave
    assert left_delivery(token(leave), [SECRET]) == 12
    assert bounced_delivery(token(leave), [SECRET]) is None
    assert left_delivery(token(ADDRESS.bounce(12)), [SECRET]) is None


def test_without_an_extension_all_copies_have_one_return_path() -> None:
    plainly = ReturnAddress(address="bounces@hanbit-peace.example", separator="", secret=SECRET)
    assert plainly.bounce(12) == "bounces@hanbit-peace.example"
    assert plainly.leave(12) is None


def test_the_return_path_is_found_wherever_a_server_writes_it() -> None:
    address = ADDRESS.bounce(12)
    for name in ("Delivered_To", "X_Original_To", "Envelope_To"):
        assert traces_of(Mail(plain("", **{name: address}))).tokens == (token(address),)
    returned = f"Return-Path: <{address}>\r\nMessage-ID: {OURS}\r\n"
    assert traces_of(Mail(dsn(returned=returned))).tokens == (token(address),)


def test_the_address_for_leaving_says_nothing_in_a_letter_that_came_back() -> None:
    leave = ADDRESS.leave(12)
    returned = (
        f"Message-ID: {OURS}\r\nList-Unsubscribe: <https://x.example/u>, <mailto:{leave}?subject=unsubscribe>\r\n"
    )
    assert traces_of(Mail(dsn(returned=returned))).leaving == ()
    assert read(plain(f"고맙습니다.\n\n> {leave}")).kind is Kind.OTHER


def test_a_mail_to_the_address_for_leaving_is_a_refusal_whatever_it_says() -> None:
    assert read(plain("", subject="", to=str(ADDRESS.leave(12)))).kind is Kind.REFUSAL


def test_a_program_that_answers_there_leaves_nobody() -> None:
    out_of_office = plain("", subject="Out of Office", to=str(ADDRESS.leave(12)), Auto_Submitted="auto-replied")
    assert read(out_of_office).kind is Kind.AUTOMATIC


def test_a_webhook_names_a_letter_with_or_without_angle_brackets() -> None:
    for message_id in (OURS, OURS.strip("<>"), f" {OURS} "):
        assert traces_in(f"Hanbit <{ADDRESS.bounce(12)}>", message_id).message_ids == (OURS,)
    assert traces_in("", "").message_ids == ()
