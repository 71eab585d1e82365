"""The demo's configuration is one that the house accepts."""

from datetime import timedelta
from pathlib import Path

from publisher.config import load
from publisher.demo.house import ARCHIVE, LIST, READERS, demo_config
from publisher.model import Mode

BOARD, SITE = "http://127.0.0.1:9201", "http://127.0.0.1:9202"


def loaded(folder: Path):
    path = folder / "config.yaml"
    path.write_text(demo_config(folder, BOARD, SITE), encoding="utf-8")
    return load(path, {})


def test_it_loads_without_a_remark(tmp_path):
    config = loaded(tmp_path)
    assert config.remarks == ()
    assert config.site.url == SITE
    assert config.site.name == {"ko": "한빛평화연구소", "en": "Hanbit Peace Institute"}
    assert config.web.listen == "127.0.0.1:9202"


def test_the_archive_is_the_demos_board_and_nothing_else_is_allowed(tmp_path):
    archive = loaded(tmp_path).archives[ARCHIVE]
    assert (archive.kind, archive.url) == ("gnuboard", f"{BOARD}/bbs/board.php?bo_table=director")
    assert archive.allow == ("127.0.0.1:9201",)
    assert (archive.settle, archive.first_read) == (timedelta(0), "fill")
    assert archive.authors["관리자"]["en"] == "Seo Harin, Director"


def test_the_list_goes_out_by_itself_and_speaks_every_readers_languages(tmp_path):
    weekly = loaded(tmp_path).lists[LIST]
    assert (weekly.mode, weekly.grace, weekly.cadence) == (Mode.AUTOMATIC, timedelta(0), "0 9 * * mon")
    assert {reader.languages for reader in READERS} <= set(weekly.languages)


def test_letters_go_to_the_mailbox_folder(tmp_path):
    assert loaded(tmp_path).delivery.smtp is None


def test_its_first_line_says_whose_it_is(tmp_path):
    assert demo_config(tmp_path, BOARD, SITE).startswith("# The demo's configuration")


def test_an_odd_folder_does_no_harm(tmp_path):
    odd = tmp_path / "한빛 #1: {demo}\nsite: x"
    odd.mkdir()
    assert loaded(odd).site.url == SITE
