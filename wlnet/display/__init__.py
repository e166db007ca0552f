"""What people look at: a net as a table of text, in colours, as HTML. Importing it registers how nets are shown."""

from wlnet.display import html, text

__all__ = ["html", "text"]
