"""
The keys that sign: made, read, and told to the DNS.

    var/dkim/<selector>-rsa.pem          DNS: <selector>-rsa._domainkey.<domain>
    var/dkim/<selector>-ed25519.pem      DNS: <selector>-ed25519._domainkey.<domain>

Two keys under two selectors, since not every receiver knows Ed25519 yet (RFC
8463 section 5). Keys are never overwritten: a new selector gets new ones, and
the old ones go on signing until the configuration names it.
"""

import base64
import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from publisher.delivery.dkim import PrivateKey, SigningKey
from publisher.delivery.policy import DkimPolicy
from publisher.errors import TransportError

ALGORITHMS = ("rsa", "ed25519")

_BITS = 2048
_FEWEST_BITS = 1024  # receivers ignore shorter ones (RFC 8301 section 3.2)
_LONGEST_FILE = 100_000  # bytes
_LONGEST_STRING = 255  # of a TXT record (RFC 1035 section 3.3)


def key_files(policy: DkimPolicy, folder: Path) -> dict[str, Path]:
    """Selector → the file of its key."""
    if policy.key_file:
        return {policy.selector: policy.key_file}
    return {f"{policy.selector}-{one}": folder / f"{policy.selector}-{one}.pem" for one in ALGORITHMS}


def make_keys(policy: DkimPolicy, folder: Path) -> list[Path]:
    """Make what is missing of the selector's keys, readable by this user alone; gives the files that are new."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = []
    for selector, file in key_files(policy, folder).items():
        if not file.exists():
            _write(file, Ed25519PrivateKey.generate() if selector.endswith(ALGORITHMS[1]) else _new_rsa())
            made.append(file)
    return made


def read_keys(policy: DkimPolicy, folder: Path, *, domain: str) -> tuple[SigningKey, ...]:
    """
    The keys that sign, none where no selector is configured; `domain` is for a policy that names none.

    Raises TransportError, naming the file and the cure: a letter that should be
    signed does not go out unsigned.
    """
    if not policy.selector:
        return ()
    return tuple(
        SigningKey(domain=policy.domain or domain, selector=selector, key=_read(file, policy))
        for selector, file in key_files(policy, folder).items()
    )


def dns_name(key: SigningKey) -> str:
    """Where the key's record belongs."""
    return f"{key.selector}._domainkey.{key.domain}"


def dns_record(key: SigningKey) -> str:
    """The record of the key's public half, in one piece."""
    public = key.key.public_key()
    if isinstance(key.key, RSAPrivateKey):
        told = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    else:
        told = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return f"v=DKIM1; k={key.algorithm}; p={base64.b64encode(told).decode('ascii')}"


def dns_strings(record: str) -> Sequence[str]:
    """The record in the strings that a TXT record is made of."""
    return [record[start : start + _LONGEST_STRING] for start in range(0, len(record), _LONGEST_STRING)]


def is_private(file: Path) -> bool:
    """Whether nobody but its owner can read the file."""
    return os.name == "nt" or not file.stat().st_mode & 0o077


def _new_rsa() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=_BITS)


def _write(file: Path, key: PrivateKey) -> None:
    part = file.with_suffix(".part")  # so that a key is there whole or not at all
    part.touch(mode=0o600)
    part.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    part.rename(file)


def _read(file: Path, policy: DkimPolicy) -> PrivateKey:
    try:
        with file.open("rb") as opened:
            content = opened.read(_LONGEST_FILE)
        key = load_pem_private_key(content, password=None)
    except FileNotFoundError:
        cure = "name an existing file" if policy.key_file else "`publisher dkim` makes the keys of this selector"
        raise _unusable(file, policy, f"does not exist; {cure}") from None
    except OSError as error:
        raise _unusable(file, policy, f"cannot be read: {(error.strerror or 'failed').lower()}") from error
    except TypeError:  # how the library asks for a password
        raise _unusable(file, policy, "is locked by a password; expected a private key without one") from None
    except (ValueError, UnsupportedAlgorithm):
        raise _unusable(file, policy, "holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)") from None
    if isinstance(key, RSAPrivateKey) and key.key_size < _FEWEST_BITS:
        raise _unusable(file, policy, f"has {key.key_size} bits; receivers want 2048, and ignore fewer than 1024")
    if not isinstance(key, PrivateKey):
        raise _unusable(file, policy, "is neither an RSA nor an Ed25519 key; nothing else signs letters")
    return key


def _unusable(file: Path, policy: DkimPolicy, what: str) -> TransportError:
    return TransportError(f"delivery.dkim.{'key_file' if policy.key_file else 'selector'}: {file} {what}")
