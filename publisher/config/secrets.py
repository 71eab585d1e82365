"""How a password or key comes in: written in the file, in a file of its own, or by the environment over either."""

from pathlib import Path

from publisher.config import values
from publisher.config.reading import Section

LONGEST_SECRET = 10_000  # bytes


def read_password(section: Section, folder: Path) -> str:
    """The secret in `password` or `password_file`; '' for none. No problem that is told here repeats it."""
    password = section.value("password", values.text, "")
    file = section.value("password_file", values.text, "")
    if password and file:
        there = section.place("password")
        section.wrong("password_file", f"password is given as well, in {there}; keep one of the two")
    elif (password or file) and not section.has("user"):
        section.wrong("user", "is missing; a password is given, so expected the name to sign in with")
    elif file:
        return _secret_in(folder / file, section, "password")
    return password


def read_key(section: Section, folder: Path) -> str:
    """The secret in `key` or `key_file`, as `read_password` takes one; nobody signs in with it."""
    key = section.value("key", values.line, "")
    file = section.value("key_file", values.text, "")
    if key and file:
        section.wrong("key_file", f"key is given as well, in {section.place('key')}; keep one of the two")
    elif file:
        return _secret_in(folder / file, section, "key")
    return key


def _secret_in(file: Path, section: Section, what: str) -> str:
    name = f"{what}_file"
    try:
        content = file.read_bytes()
        secret = content.decode().removesuffix("\n").removesuffix("\r")
    except OSError as error:
        section.wrong(name, f"cannot read {file}: {(error.strerror or 'failed').lower()}")
        return ""
    except ValueError:
        section.wrong(name, f"{file} is not a text in UTF-8")
        return ""
    if not secret or len(content) > LONGEST_SECRET:
        section.wrong(name, f"expected one {what} in {file}, which is {'too long' if secret else 'empty'}")
    return secret
