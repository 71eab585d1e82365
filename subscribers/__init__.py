"""
Who may be written to, and why.

Pure rules: rows go in, verdicts come out. Nothing here knows a database, a
file or a clock, and nothing outside the standard library is imported, so the
rules of consent can be read, and tested, without anything else.
"""
