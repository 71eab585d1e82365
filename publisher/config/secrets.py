"""How a password or key comes in: written in the file, in a file of its own, or by the environment over either."""

from collections.abc import Callable
from pathlib import Path

from publisher.config import values
from publisher.config.reading import Section

LONGEST_SECRET = 10_000  # bytes


def read_password(section: Section, folder: Path) -> str:
    """The secret in `password` or `password_file`; '' for none. No problem that is told here repeats it."""
    is_given = section.has("password") or section.has("password_file")
    if is_given and not section.has("user"):
        section.wrong("user", "is missing; a password is given, so expected the name to sign in with")
    return read_secret(section, "password", folder, values.text)


def read_secret(section: Section, name: str, folder: Path, parse: Callable[[str], str] = values.line) -> str:
    """The secret in the key of this name, or in the file that `<name>_file` names; '' for none."""
    secret = section.value(name, parse, "")
    file = section.value(f"{name}_file", values.text, "")
    if secret and file:
        section.wrong(f"{name}_file", f"{name} is given as well, in {section.place(name)}; keep one of the two")
    elif file:
        return _secret_in(folder / file, section, f"{name}_file")
    return secret


def _secret_in(file: Path, section: Section, key: str) -> str:
    what = key.removesuffix("_file").replace("_", " ")
    try:
        content = file.read_bytes()
        secret = content.decode().removesuffix("\n").removesuffix("\r")
    except OSError as error:
        section.wrong(key, f"cannot read {file}: {(error.strerror or 'failed').lower()}")
        return ""
    except ValueError:
        section.wrong(key, f"{file} is not a text in UTF-8")
        return ""
    if not secret or len(content) > LONGEST_SECRET:
        section.wrong(key, f"expected one {what} in {file}, which is {'too long' if secret else 'empty'}")
    return secret
