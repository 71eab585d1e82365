"""`python -m tests.bench [--large] [NAME …]`: measures and prints the table; a target that is missed is no failure."""

import argparse
import time

from publisher.cli.logs import log_quietly
from tests.bench import table
from tests.bench.measure import LARGE, USUAL, measure
from tests.bench.rows import ROWS


def main() -> None:
    """Print a row as soon as it is measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--large", action="store_true", help="ten times the sizes, for a machine that has an hour")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these rows: {', '.join(ROWS)}")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(ROWS):
        parser.error(f"no row is called {', '.join(sorted(unknown))}")
    log_quietly()
    began = time.monotonic()
    print(table.head(), flush=True)
    for name in chosen.names or ROWS:
        print(table.line(measure(ROWS[name], LARGE if chosen.large else USUAL)), flush=True)
    print(f"\n{time.monotonic() - began:.0f} s; how to read this: docs/performance.md")


if __name__ == "__main__":
    main()
