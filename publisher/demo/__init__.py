"""
The demo's invented institute: a board that the real reader reads, three readers, a configuration.

Nothing in here is true: the institute, its people, the outlets that it cites
and all addresses (`*.example`) are made up, and the pages say so. The board
behaves like a Gnuboard 5.6, so that the demo takes the whole road.

To add a post: a file in `posts/standing` (or in `posts/arriving`, for what is
put up while the demo runs), named after its number; the headers are told in
`posts.py`.
"""
