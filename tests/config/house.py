"""A small configuration to change one thing of, and short ways to load it."""

from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path

import pytest

from publisher.config import Config, load
from publisher.errors import ConfigError

SMALL = """\
site:
  name: {ko: 한빛평화연구소}
  url: https://letters.hanbit-peace.example
  sender: {email: letters@hanbit-peace.example}
archives:
  director: {kind: gnuboard, url: "https://www.hanbit-peace.example/bbs/board.php?bo_table=director"}
lists:
  weekly: {archives: [director]}
"""


def load_text(folder: Path, text: str = SMALL, environ: Mapping[str, str] | None = None) -> Config:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, environ or {})


def problems_of(folder: Path, text: str = SMALL, environ: Mapping[str, str] | None = None) -> list[str]:
    """What is wrong with it, without the folder's name."""
    with pytest.raises(ConfigError) as caught:
        load_text(folder, text, environ)
    return str(caught.value).replace(f"{folder}/", "").splitlines()


def with_lines(section: str, *lines: str) -> str:
    """The small configuration with lines put under one of its top keys; a key of the same name there gives way."""
    added = tuple(line.partition(":")[0] + ":" for line in lines)
    before, _, after = SMALL.partition(f"{section}:\n")
    kept = after.splitlines()
    while (old := next((line for line in takewhile(_is_inside, kept) if line.startswith(added)), None)) is not None:
        kept.remove(old)
    return before + "\n".join([f"{section}:", *lines, *kept, ""])


def _is_inside(line: str) -> bool:
    return line.startswith(" ")
