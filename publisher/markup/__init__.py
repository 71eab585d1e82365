"""
Strangers' words made harmless: the only way for text and HTML from outside into entries.

`clean` gives HTML that may be printed unescaped in pages, feeds and letters,
`text_of` reads HTML as plain text, `fold` and `safe_text` make titles and plain
texts fit to print, `summarize` shortens them. None of them raises. Each file
here is one of these subjects; `tree` is what cleaning and reading share.
"""

from publisher.markup.harmless import absolute, clean, first_image, images_in
from publisher.markup.plain import fold, safe_text, summarize
from publisher.markup.reading import text_of

__all__ = ["absolute", "clean", "first_image", "fold", "images_in", "safe_text", "summarize", "text_of"]
