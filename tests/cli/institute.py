"""An institute to try commands on: a folder with config.yaml, a board that is served, a mail server."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from publisher.cli import main
from publisher.demo.app import BoardApp, board_app
from publisher.demo.house import demo_config
from publisher.demo.posts import content
from tests.serving import Postbox, free_port, postbox, serving

KEYS = ("ko", "en", "ko+en", "en+ko")
ROOT = Path(__file__).parents[2]


@dataclass
class Institute:
    """A folder with a config.yaml, a board that is served, and a mail server."""

    folder: Path
    board: BoardApp
    mail: Postbox

    def start(self, *words: str, **environ: str) -> "subprocess.Popen[str]":
        """A command in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "publisher", *words],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, code: int = 0, **environ: str) -> str:
        """What a command says, on both channels, in this process."""
        return self._invoke(words, code, environ).output

    def ask(self, *words: str) -> Any:
        """What it answers in JSON."""
        return json.loads(self._invoke((*words, "--json"), 0, {}).stdout)

    def _invoke(self, words: Sequence[str], code: int, environ: Mapping[str, str]) -> Result:
        config = self.folder / "config.yaml"
        with chdir(self.folder):
            result = CliRunner().invoke(main, ["--config", str(config), *words], env=dict(environ))
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, f"publisher {' '.join(words)} ended with {result.exit_code}:\n{result.output}"
        return result

    def enlist(self) -> None:
        """One reader for each language key."""
        for key in KEYS:
            self.run(
                "subscribers", "add", address_of(key), "--list", "weekly", "--languages", key, "--consent", "asked"
            )


def address_of(key: str) -> str:
    return f"{key.replace('+', '-')}@reader.example"


@pytest.fixture
def institute(tmp_path: Path, empty_store: Path) -> Iterator[Institute]:
    (tmp_path / "var").mkdir()
    shutil.copy(empty_store, tmp_path / "var")
    board = board_app(content(datetime.now(UTC)), lambda: datetime.now(UTC))
    with serving(board) as board_url, postbox() as mail:
        config = demo_config(tmp_path, board_url, "https://letters.hanbit-peace.example/briefing")
        config += f"delivery: {{smtp: {{host: 127.0.0.1, port: {mail.port}, security: none}}}}\n"
        config = config.replace('listen: "letters.hanbit-peace.example"', f'listen: "127.0.0.1:{free_port()}"')
        (tmp_path / "config.yaml").write_text(config, encoding="utf-8")
        yield Institute(tmp_path, board, mail)
