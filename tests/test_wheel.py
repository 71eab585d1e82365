"""What is installed: both packages and everything that travels with them, without the repository around it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.build import build_wheel

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked as an installer would."""
    folder = tmp_path_factory.mktemp("wheel")
    before = Path.cwd()
    os.chdir(ROOT)  # hatchling builds the project that it stands in
    try:
        name = build_wheel(str(folder))
    finally:
        os.chdir(before)
    with zipfile.ZipFile(folder / name) as wheel:
        wheel.extractall(folder / "site")
    return folder / "site"


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_everything_that_lies_in_templates_travels_along(installed: Path) -> None:
    assert _files(ROOT / "templates") == _files(installed / "publisher/templates")
    assert _files(ROOT / "publisher/demo/posts") == _files(installed / "publisher/demo/posts")
    assert (installed / "subscribers/py.typed").is_file()


def test_an_installed_publisher_makes_a_house_and_finds_it_in_order(installed: Path, tmp_path: Path) -> None:
    def publisher(*words: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "publisher", *words],
            cwd=tmp_path,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(installed),
                "PUBLISHER_ARCHIVES__DIRECTOR__KIND": "folder",  # the sample's board is invented: it is not asked
                "PUBLISHER_ARCHIVES__DIRECTOR__PATH": str(tmp_path),
            },
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    publisher("init", "letters")
    assert "every letter can be made" in publisher("--config", "letters/config.yaml", "check")
    assert "The whole road" in publisher("--help")
