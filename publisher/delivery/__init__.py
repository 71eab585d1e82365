"""
Letters out: finished bytes, the roads they go by, and what an answer means.

`envelope` makes the bytes of one copy, `dkim` signs them, a transport (`smtp`, `mailbox`) carries
it and says what it heard, `retry` judges that, and `journal` remembers what was
under way when a process dies. To add a road: a class of the shape in
`transport.py`, and a line where `app` chooses among them. Nothing here knows
the database; `flows.deliver` joins the two.
"""
