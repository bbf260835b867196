"""The page of a tier: what a leader, an official or an integrator sees first.

One Streamlit application serves any tier; its settings name the tier. It reads only
the tier's REST interface, with the token of the person who signed in, and asks no
machine but its own for anything.

``server`` builds the application, ``login`` and ``shell`` serve the documents around
it, ``navigation`` and ``app_pages`` draw it, ``components`` turn REST structs into what
a card says, ``text`` holds every word in Vietnamese and English.
"""
