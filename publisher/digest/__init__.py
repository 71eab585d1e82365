"""
The digest room: an edition becomes letters, one per language key; and letters of no edition are written.

    select     which entries an edition may take, their order, the face a reader gets
    view       what a letter says, worded and dated in the reader's languages
    prose      plain text at its best: folded, measured, wrapped
    templates  the files under templates/email, run in a sandbox and made into HTML
    render     all of it together: `compose_letters`, `content_hash`, `web_view`
    single     letters that belong to no edition, such as alarms: `write_letter`

To change the look or the words: `templates/email/digest/` and
`templates/locale/`, no code. To tell a template something new: a field in
`view`, which is all that templates ever see.
"""
