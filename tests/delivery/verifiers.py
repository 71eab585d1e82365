"""Two strangers who read our signatures: dkimpy, and OpenDKIM's own library where it is installed."""

import base64
import ctypes
import ctypes.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import dkim
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from publisher.delivery.dkim import SigningKey
from publisher.delivery.keyring import dns_name, dns_record

Zone = Mapping[str, str]
"""Names in the DNS and their TXT records."""


def zone_of(keys: Sequence[SigningKey]) -> Zone:
    return {dns_name(key): dns_record(key) for key in keys}


# ── dkimpy ───────────────────────────────────────────────────────────────────


class _VerifyKey:
    """What dkimpy asks of PyNaCl: the bare Ed25519 check. All that comes before it is dkimpy's own."""

    def __init__(self, public: bytes, encoder: object) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public))

    def verify(self, message: bytes, signature: bytes) -> bool:
        self._key.verify(signature, message)
        return True


_NACL = SimpleNamespace(
    signing=SimpleNamespace(VerifyKey=_VerifyKey),
    encoding=SimpleNamespace(Base64Encoder=None),
    exceptions=SimpleNamespace(BadSignatureError=Exception),
)


def by_dkimpy(content: bytes, zone: Zone) -> list[bool]:
    """Whether each of the signatures holds, from the top."""
    message = dkim.DKIM(content)
    count = sum(name.lower() == b"dkim-signature" for name, _ in message.headers)

    def look_up(name: bytes, timeout: int = 5) -> bytes:
        return zone[name.decode().rstrip(".")].encode()

    with mock.patch.object(dkim, "nacl", _NACL, create=True):
        return [_holds(message, number, look_up) for number in range(count)]


def _holds(message: dkim.DKIM, number: int, look_up: object) -> bool:
    try:
        return bool(message.verify(idx=number, dnsfunc=look_up))
    except dkim.DKIMException:
        return False


# ── OpenDKIM ─────────────────────────────────────────────────────────────────

LIBRARY = ctypes.util.find_library("opendkim")

# From its dkim.h, version 2.11.
_OK = 0
_SET, _QUERY_METHOD, _QUERY_INFO, _FROM_FILE = 1, 6, 7, 1
_PASSED = 0x04
_BODY_MATCHES = 0


class OpenDkim:
    """OpenDKIM with a file in place of the DNS."""

    def __init__(self, folder: Path, zone: Zone) -> None:
        assert LIBRARY
        self._library = ctypes.CDLL(LIBRARY)
        for function in ("dkim_init", "dkim_verify"):
            getattr(self._library, function).restype = ctypes.c_void_p
        self._handle = ctypes.c_void_p(self._library.dkim_init(None, None))
        file = folder / "zone"
        file.write_text("".join(f"{name} {record}\n" for name, record in zone.items()))
        method = ctypes.c_int(_FROM_FILE)
        self._set(_QUERY_METHOD, ctypes.byref(method), ctypes.sizeof(method))
        self._path = ctypes.create_string_buffer(str(file).encode())
        self._set(_QUERY_INFO, self._path, len(self._path.value))

    def _set(self, option: int, value: object, size: int) -> None:
        assert self._library.dkim_options(self._handle, _SET, option, value, ctypes.c_size_t(size)) == _OK

    def verify(self, content: bytes) -> list[bool]:
        """Whether each of the signatures holds, from the top."""
        status = ctypes.c_int()
        message = ctypes.c_void_p(self._library.dkim_verify(self._handle, b"test", None, ctypes.byref(status)))
        assert status.value == _OK
        try:
            assert self._library.dkim_chunk(message, content, ctypes.c_size_t(len(content))) == _OK
            assert self._library.dkim_chunk(message, None, ctypes.c_size_t(0)) == _OK
            self._library.dkim_eom(message, None)
            return self._verdicts(message)
        finally:
            self._library.dkim_free(message)

    def _verdicts(self, message: ctypes.c_void_p) -> list[bool]:
        found, count = ctypes.POINTER(ctypes.c_void_p)(), ctypes.c_int()
        assert self._library.dkim_getsiglist(message, ctypes.byref(found), ctypes.byref(count)) == _OK
        return [self._is_good(ctypes.c_void_p(found[number])) for number in range(count.value)]

    def _is_good(self, signature: ctypes.c_void_p) -> bool:
        has_passed = self._library.dkim_sig_getflags(signature) & _PASSED
        return bool(has_passed) and self._library.dkim_sig_getbh(signature) == _BODY_MATCHES
