"""
What to do about an archive that cannot be read, by the reason of its SourceError.

Whole sentences in both catalogues: `status` prints them in English, alarms say
them in the operators' languages. A new reason gets its line here.
"""

from collections.abc import Mapping

from publisher.i18n import noted

_TABLES = noted(
    "The database does not hold the board's tables. Check `name` and `prefix`; if both are right, whoever runs the "
    "site has to bring the tables back. Nothing is taken away here."
)

CURES: Mapping[str, str] = {
    "access denied": noted(
        "The database refuses the account. Check database.user, database.password and what the account may read."
    ),
    "api off": noted(
        "The site's API is switched off. Ask whoever runs the site to switch it on, or read the board in its database."
    ),
    "asked to wait": noted(
        "The site asks to be read less often. Give the archive a longer `every`, or ask whoever runs the site."
    ),
    "blocked": noted(
        "The site refuses this machine. Ask whoever runs the site to let requests of “Publisher” from this "
        "machine's address pass, and give the archive a longer `every` and `pause`."
    ),
    "board missing": noted(
        "The site knows no such board. If it was renamed or moved, correct the archive's `url`; if its database was "
        "damaged, wait until whoever runs the site has mended it. Nothing is taken away here."
    ),
    "certificate": noted(
        "The site's certificate is not valid, so nobody can say who answers. Whoever runs the site has to renew it."
    ),
    "closed": noted(
        "Guests may not read the board. Whoever runs the site has to open list and posts to guests; only then "
        "can the archive be read."
    ),
    "column missing": noted(
        "The database holds the board in a form that cannot be read: its release is too old, or its table"
        "s were altered."
    ),
    "database down": noted("The site's database does not answer. Whoever runs the site has to start it again."),
    "database error": noted(
        "The database answered with an error. Ask whoever runs it whether tables were repaired, renamed or moved."
    ),
    "database missing": _TABLES,
    "database refuses": noted(
        "The site's database takes no further connection from this machine. Wait; if it lasts, ask whoever runs it."
    ),
    "driver missing": noted("Install what reads a board's database: pip install 'archive-publisher[gnuboard-db]'"),
    "elsewhere": noted(
        "The address leads to another site. Open it in a browser; if the archive moved, give it the new `url`."
    ),
    "folder missing": noted("The folder is not there. Check the archive's `path`, and whether its disk is mounted."),
    "half an address": noted(
        "Write the whole address as the browser shows it, from https:// on, or the path of a folder on this machine."
    ),
    "missing": noted(
        "There is nothing at this address. Look for the right one in a browser and correct the archive's `url`."
    ),
    "name unknown": noted(
        "The site's name cannot be found. Check the spelling of the archive's `url`, this machine's DNS, and whether "
        "the domain has run out."
    ),
    "not a board": noted(
        "The address does not show a board of Gnuboard. Open it in a browser; if the site was rebuilt, "
        "`publisher archives try URL` says how the new one can be read."
    ),
    "not a feed": noted(
        "The address does not show a feed. Open it in a browser; `publisher archives try URL` finds the feed of a site."
    ),
    "not allowed": noted(
        "The address leads into a private network. If it is your own, name its host and port in the archive's `allow`."
    ),
    "not wordpress": noted(
        "The site does not answer like WordPress. Ask whoever runs it whether the REST API (/wp-json) was switched off."
    ),
    "not recognised": noted(
        "Name the page that lists the entries, or a feed. Any list in HTML can be read with `kind: html` and CSS "
        "selectors."
    ),
    "sign-in": noted("Ask whoever runs the site to open the list and its entries to guests, or for another address."),
    "nothing matches": noted(
        "The selectors find nothing on the page, so the site was probably rebuilt. `publisher archives try URL` "
        "proposes new ones for the archive's `select`."
    ),
    "suspicious": noted(
        "The archive shows nothing though it should hold entries. Open it in a browser: if it is empty there too, "
        "whoever runs the site has to bring the entries back. Nothing is taken away here."
    ),
    "table crashed": noted(
        "A table of the site's database is damaged. Whoever runs the site has to repair it. Nothing is taken away here."
    ),
    "table missing": _TABLES,
    "timeout": noted("The site answers too slowly. Wait; if it lasts, ask whoever runs the site."),
    "too large": noted(
        "The page is larger than can be read. Look whether the address is that of the list, and whether it can show "
        "fewer entries at once."
    ),
    "too many redirects": noted(
        "The address leads in circles. Open it in a browser, and give the archive the `url` that it ends at."
    ),
    "unreachable": noted(
        "The site does not answer. Open the address in a browser on another network: if it fails there too, whoever "
        "runs the site has to mend it; if not, look at this machine's network."
    ),
}
"""By reason; what is not here has the general cure."""

GENERAL = noted("Open the archive's address in a browser; `publisher archives try URL` says what can be read there.")
CONTRADICTION = noted(
    "Much of what was read before seems to be gone. Open the archive in a browser: if it is really gone, "
    "`publisher archives believe` takes it away here too; if not, wait until the site is mended."
)
LATE = noted(
    "See whether `publisher run` is running, or `publisher ingest` by cron, and whether one archive keeps the others "
    "waiting. `publisher ingest` reads all archives at once and says what hinders it."
)


def cure_of(reason: str | None) -> str:
    """The sentence (a message id) for a reason of SourceError."""
    return CURES.get(reason or "", GENERAL)
