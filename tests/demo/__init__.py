"""Where the demo's board is asked, by whom, and under which address."""

ORIGIN = "http://127.0.0.1:9201"
SESSION = "5e" * 16
BOARD = "/bbs/board.php?bo_table=director"
