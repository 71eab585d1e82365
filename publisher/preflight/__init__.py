"""
Before release: the letter as it would leave, and the names it leaves under, looked at once more.

Nothing here trusts what made the letter: `message` reads the real bytes anew,
as a mailbox would, and each other file judges one side of them. `form` holds
headers and sizes, `words` what it says, `looks` its pictures and colours,
`links` where it leads, `site` and `names` (with `spf`) what receivers see of who
sends it, `results` what a mailbox said of a test letter. A judgement is a
`Finding`: how grave it is, what is so, where, and what to do, in every language
of the catalogues. To add a check: a function that yields findings in the file
of its subject, and its line in `flows/preflight.py` or `flows/sender.py`.
"""

from publisher.preflight.finding import Colour, Finding, worst

__all__ = ["Colour", "Finding", "worst"]
