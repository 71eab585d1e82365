"""The import rules: each of them is broken once, in a copy of the house, and must be seen to be."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]

# The contract → a file, and what it must not import.
TRESPASSES = {
    "layers": ("publisher/model/entries.py", "import publisher.digest"),
    "subscribers": ("subscribers/lifecycle.py", "import publisher.errors"),
    "acyclic": ("publisher/errors.py", "import publisher.model"),
    "sources": ("publisher/archive/folder/dump.py", "import publisher.archive.gnuboard"),
    "formats": ("publisher/feeds/rss.py", "import publisher.feeds.atom"),
    "http": ("publisher/markup/plain.py", "import httpx2"),
    "mysql": ("publisher/archive/gnuboard/database.py", "import pymysql"),
    "addresses": ("publisher/cadence.py", "import email_validator"),
    "sql": ("publisher/flows/send.py", "import sqlalchemy"),
    "smtp": ("publisher/delivery/mailbox.py", "import aiosmtplib"),
    "signatures": ("publisher/delivery/envelope.py", "import cryptography"),
    "bounces": ("publisher/flows/feedback.py", "import flufl.bounce"),
    "clock": ("publisher/flows/occasion.py", "import apscheduler"),
    "pictures": ("publisher/digest/view.py", "import PIL"),
    "commands": ("publisher/web/server.py", "import rich"),
    "templates": ("publisher/feeds/atom.py", "import jinja2"),
    "feeds": ("publisher/web/pages.py", "import feedgen"),
    "packing": ("publisher/web/feeds.py", "import brotli"),
    "parsing": ("publisher/web/feeds.py", "import feedparser"),
    "serving": ("publisher/cli/run.py", "import uvicorn"),
}


def test_every_import_rule_is_seen_to_fail_when_it_is_broken(tmp_path: Path) -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    names = {contract["id"]: contract["name"] for contract in contracts}
    assert set(TRESPASSES) == set(names), "a new rule wants a trespass here"
    for part in ("publisher", "subscribers"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for file, trespass in TRESPASSES.values():
        with (tmp_path / file).open("a", encoding="utf-8") as code:
            code.write(f"\n{trespass}\n")
    told = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    verdicts = dict(re.findall(r"^(.+) (KEPT|BROKEN)$", told, re.MULTILINE))
    assert {name: verdicts.get(name) for name in names.values()} == dict.fromkeys(names.values(), "BROKEN")
