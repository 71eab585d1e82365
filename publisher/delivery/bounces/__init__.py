"""
What comes back: bounces, complaints, answers, and whose they are.

    reading.py      one mail → `Returned`: what it is, and the traces of our letter in it
    mail.py         a stranger's bytes taken apart, within limits
    dsn.py, arf.py  reports by their standards       texts.py    bounces that keep to none
    codes.py        what a status or a sentence says of an address
    answers.py      auto-replies, and refusals in a reader's own words
    traces.py       our own marks: the signed return path, the Message-ID
    imap.py, maildir.py   mailboxes                   ses.py, mailgun.py   webhooks

All of it is pure but the mailboxes; nothing here knows a reader. A bounce in a
new form is a function in `texts.py`, a further provider's webhook a file like
`mailgun.py` with its line in `hooks.HOOKS` and its keys in `delivery.bounces`.
"""
