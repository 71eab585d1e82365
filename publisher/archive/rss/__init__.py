"""
A feed of any make: RSS, Atom (by feedparser) and JSON Feed (by hand).

    document    bytes → well-formed XML without entities, whatever came
    xmlfeed     RSS and Atom: what the entries say
    jsonfeed    JSON Feed: the same
    entries     what an entry of a feed says, and the item made of it
    http        the read: asked only for what changed since the last one
    recognise   whether any page is a feed, or names one

All but `http` are pure. A feed shows the newest entries only, so what is
missing from it is not gone.
"""
