"""The files of the keys, and what the DNS is told of them."""

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from publisher.delivery.keyring import dns_name, dns_record, dns_strings, is_private, make_keys, read_keys
from publisher.delivery.policy import DkimPolicy
from publisher.errors import TransportError

POLICY = DkimPolicy(selector="p202603")
DOMAIN = "hanbit-peace.example"


def test_keys_are_made_once_and_for_nobody_else_to_read(tmp_path: Path) -> None:
    folder = tmp_path / "dkim"
    made = make_keys(POLICY, folder)
    assert [file.name for file in made] == ["p202603-rsa.pem", "p202603-ed25519.pem"]
    assert all(is_private(file) for file in made)
    before = [file.read_bytes() for file in made]
    assert make_keys(POLICY, folder) == []
    assert [file.read_bytes() for file in made] == before


def test_a_new_selector_gets_new_keys_and_leaves_the_old_ones(tmp_path: Path) -> None:
    make_keys(POLICY, tmp_path)
    make_keys(DkimPolicy(selector="p202609"), tmp_path)
    old, new = (read_keys(DkimPolicy(selector=one), tmp_path, domain=DOMAIN) for one in ("p202603", "p202609"))
    assert not {dns_record(key) for key in old} & {dns_record(key) for key in new}


def test_the_records_are_what_the_dns_takes(tmp_path: Path) -> None:
    make_keys(POLICY, tmp_path)
    long, short = read_keys(POLICY, tmp_path, domain=DOMAIN)
    assert dns_name(long) == "p202603-rsa._domainkey.hanbit-peace.example"
    assert dns_record(long).startswith("v=DKIM1; k=rsa; p=")
    assert [len(string) <= 255 for string in dns_strings(dns_record(long))] == [True, True]
    assert "".join(dns_strings(dns_record(long))) == dns_record(long)
    assert dns_record(short).startswith("v=DKIM1; k=ed25519; p=")
    assert len(base64.b64decode(dns_record(short).partition("p=")[2])) == 32


def test_without_a_selector_nothing_is_signed(tmp_path: Path) -> None:
    assert read_keys(DkimPolicy(), tmp_path, domain=DOMAIN) == ()


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes = b"") -> bytes:
    lock = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "holds no private key in PEM form"),
        (b"-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----\n", "holds no private key in PEM form"),
        (b"\xff\xfe" * 90_000, "holds no private key in PEM form"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "neither an RSA nor an Ed25519 key"),
    ],
)
def test_a_file_that_is_no_key_is_named_with_what_is_expected(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "own.pem"
    file.write_bytes(content)
    with pytest.raises(TransportError, match=rf"^delivery\.dkim\.key_file: .*own\.pem .*{told}"):
        read_keys(DkimPolicy(selector="mail", key_file=file), tmp_path, domain=DOMAIN)


def test_a_locked_key_a_public_one_and_a_missing_one_are_refused(tmp_path: Path, rsa_key: rsa.RSAPrivateKey) -> None:
    file = tmp_path / "own.pem"
    policy = DkimPolicy(selector="mail", key_file=file)
    with pytest.raises(TransportError, match="does not exist; name an existing file"):
        read_keys(policy, tmp_path, domain=DOMAIN)
    file.write_bytes(pem(rsa_key, b"secret"))
    with pytest.raises(TransportError, match="is locked by a password"):
        read_keys(policy, tmp_path, domain=DOMAIN)
    file.unlink()
    file.mkdir()
    with pytest.raises(TransportError, match="cannot be read: is a directory"):
        read_keys(policy, tmp_path, domain=DOMAIN)
    with pytest.raises(TransportError, match=r"p202603-rsa.pem does not exist; `publisher dkim` makes the keys"):
        read_keys(POLICY, tmp_path, domain=DOMAIN)


def test_a_key_that_others_can_read_is_seen(tmp_path: Path) -> None:
    [file, _] = make_keys(POLICY, tmp_path)
    file.chmod(0o640)
    assert not is_private(file)
