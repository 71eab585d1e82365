"""
Any board or list that has pages: read by CSS selectors (XE and Rhymix, KBoard, an institute's own).

    places      the usual places, where the configuration names none; what is wrong with a selector
    addresses   how a post's address makes its key, and when it is one of this site
    rows        a list page: its rows, and where the list goes on
    post        a post's own page: its text, its files, and what the row did not say
    memory      what is remembered between two reads (the cursor)
    lists       the list pages that a read needs
    posts       one look at each post, and the item made of it
    missing     what is missing from a whole list, and whether that can be believed
    http        the read: the order of all this
    propose     selectors for a page nobody has described yet
    recognise   whether any page shows a list that selectors can describe

The first five and `propose` are pure; the others ask the site.
"""
