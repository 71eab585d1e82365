"""
A folder of files: what an institute wrote down or saved, one piece a file.

    source         the read: which files are pieces, and what is new in them
    dump           a board page that was saved as text
    documents      Markdown, HTML and plain text
    frontmatter    what stands above the text, between two lines of dashes

Every file is read each time, since there is nothing to spare; only new and
changed ones are yielded.
"""
