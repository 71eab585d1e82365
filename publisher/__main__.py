"""`python -m publisher`: the same as the command `publisher`."""

from publisher.cli import main

main(prog_name="publisher")
