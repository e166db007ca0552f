"""What people look at: a net as a table of text, in colours, as HTML, as a picture.

Importing it registers how nets are shown.
"""

from wlnet.display import html, picture, text

__all__ = ["html", "picture", "text"]
