"""Nets in Wolfram's own forms: source text, stored associations, `.wlnet` files, `Compress` strings, WXF."""
