"""From REST structs to what a card says, and from that to HTML.

A ``…View`` holds words only, ready to be shown; a template arranges them. Everything is
escaped by the template engine, so a name from a tier below can't carry markup.
"""
