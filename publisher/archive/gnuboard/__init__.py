"""
A board of Gnuboard 5, read over HTTP as it really is.

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
    http        the crawl: the order of all this

The first eight are pure (text in, facts out); the last four ask the board.
"""
