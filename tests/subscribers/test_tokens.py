"""Links without passwords: what cannot be guessed, altered or used for something else."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.tokens import Purpose, hash_of, make, read

SECRETS = {1: b"k" * 32, 2: b"l" * 32}
ID = bytes(range(16))

token_ids = st.binary(min_size=16, max_size=16)
purposes = st.sampled_from(Purpose)


@given(token_ids, purposes, st.sampled_from(sorted(SECRETS)))
def test_a_token_opens_what_it_was_made_for_whatever_key_made_it(token_id: bytes, purpose: Purpose, key: int) -> None:
    text = make(purpose, token_id, key_id=key, secret=SECRETS[key])
    assert set(text) <= set(string.ascii_letters + string.digits + "-_")
    token = read(text, purpose, secrets=SECRETS)
    assert token is not None
    assert (token.purpose, token.token_id) == (purpose, token_id)


@given(token_ids, purposes, purposes)
def test_a_token_opens_nothing_else(token_id: bytes, made_for: Purpose, used_for: Purpose) -> None:
    text = make(made_for, token_id, key_id=1, secret=SECRETS[1])
    assert (read(text, used_for, secrets=SECRETS) is None) == (made_for != used_for)


@given(st.integers(0, 46), st.sampled_from(string.ascii_letters + string.digits + "-_"))
def test_no_character_of_a_token_can_be_changed(place: int, letter: str) -> None:
    text = make(Purpose.UNSUBSCRIBE, ID, key_id=1, secret=SECRETS[1])
    altered = text[:place] + letter + text[place + 1 :]
    assert altered == text or read(altered, Purpose.UNSUBSCRIBE, secrets=SECRETS) is None


@given(st.text())
def test_anything_else_is_no_token(text: str) -> None:
    assert read(text, Purpose.UNSUBSCRIBE, secrets=SECRETS) is None


def test_a_key_of_another_instance_opens_nothing() -> None:
    text = make(Purpose.UNSUBSCRIBE, ID, key_id=1, secret=b"another instance's secret, 32 b.")
    assert read(text, Purpose.UNSUBSCRIBE, secrets=SECRETS) is None


def test_a_token_id_of_another_length_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        make(Purpose.CONFIRM, b"short", key_id=1, secret=SECRETS[1])


def test_the_hash_of_an_address_depends_on_the_key_and_nothing_else() -> None:
    assert hash_of("kim@reader.example", SECRETS[1]) == hash_of("kim@reader.example", SECRETS[1])
    assert hash_of("kim@reader.example", SECRETS[1]) != hash_of("kim@reader.example", SECRETS[2])
    assert hash_of("kim@reader.example", SECRETS[1]) != hash_of("lee@reader.example", SECRETS[1])
