"""Templates: sheets in which a department types the figures that it owes.

A template is made for one subsystem, agency and period, and comes back as a file like
any other. Every subsystem gets one without code of its own: which rows it has is told
by its indicators. What is typed is found by the key of its row and by headings, never
by the address of a cell, so rows may be sorted, left out or hidden.
"""
