"""What a tier answers: read models over the warehouse, the catalogue and the places.

``knowledge``  what a reader must know to read: indicators, calendars, agencies, places
``values``     values page by page, longer periods, versions
``judgement``  good or bad, fresh or stale, better or worse
``tiles``      one series as a leader sees it
``overview``   the first page of a tier
``absence``    who is missing in a value, and why
``obligations`` who owes what, and who keeps silent since when

Nothing here writes. A view's cost follows what it shows, not how long the history is.
"""
