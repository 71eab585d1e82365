"""
A board of Gnuboard 5 or 6, read over HTTP or in its database, as it really is.

    addresses   the three forms of an address, and the one we store
    pages       what an answer is: list, view, alert, password page, bare sentence
    listing     the rows of a list page, in every skin since 5.0
    view        the parts of one post
    body        the text of a post, freed of what the software put into it
    rss         the board's feed, well-formed or not
    memory      what is remembered between two reads (the cursor)
    plan        which posts to look at: decided before any is fetched
    visitor     one request at a time, with a pause between
    lists       the list pages that a read needs
    posts       one look at each post, and the item made of it
    sweep       what is missing from a whole list, and whether that can be believed
    http        the crawl: the order of all this

The first eight are pure (text in, facts out); the last five ask the board.

    stored      what an old column holds, its character set mended where that can be proven
    shown       the HTML that a page would show of a stored text
    ledger      what is remembered between two reads of the tables, and what to read next
    rows        the rows of its tables, as far as they concern us
    mysql       the questions to the database, and what its errors mean
    database    the read: who may see the board, then what is new or changed in it
    six         the addresses of Gnuboard 6, whose tables are the same
    answers     what the API of Gnuboard 6 answers
    api         the read by that API
    recognise   whether any page is a board, or leads to boards

Of these, only `mysql` and `api` speak to a server.
"""
