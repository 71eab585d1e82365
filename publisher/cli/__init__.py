"""
Commands: for the person at the terminal, and for scripts.

Exit code 0: done. 1: refused or failed, with one clear line on standard error.
2: wrong usage. With `--json` there is one document on standard output and
nothing else; progress and remarks go to standard error.

To add a command: a function in the file of its subject with `@house` (it is
handed the open `App`), a line in `ROOMS`, and its row in `docs/commands.md`.
"""

import click

from publisher import __version__
from publisher.cli.frame import Frame, Publisher

# In which file of this folder a command stands. A file is read when a command
# of it is wanted: nobody waits for the web server to be loaded by `status`.
ROOMS = {
    "init": "upkeep",
    "check": "upkeep",
    "dkim": "signing",
    "status": "status",
    "ingest": "archives",
    "entries": "entries",
    "archives": "archives",
    "translate": "translate",
    "feeds": "feeds",
    "compose": "editions",
    "editions": "editions",
    "show": "editions",
    "preview": "editions",
    "test": "delivery",
    "classify": "editions",
    "preflight": "preflight",
    "edit": "editions",
    "approve": "editions",
    "release": "editions",
    "send": "delivery",
    "deliver": "delivery",
    "profiles": "profiles",
    "uncertain": "uncertain",
    "pause": "editions",
    "resume": "editions",
    "stop": "editions",
    "cancel": "editions",
    "subscribers": "subscribers",
    "bounce": "bounce",
    "notices": "law",
    "evidence": "law",
    "housekeep": "law",
    "why": "why",
    "run": "run",
    "demo": "demo",
}


@click.group(
    cls=Publisher, rooms=ROOMS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="publisher")
@click.option(
    "--config",
    metavar="FILE",
    help="The configuration. Without it: $PUBLISHER_CONFIG, then ./config.yaml.",
)
@click.pass_context
def main(context: click.Context, config: str | None) -> None:
    """Watch an archive; turn what is new into feeds and letters."""
    context.obj = Frame(config=config)
