"""The outbox: what this tier owes its parent, and what it already sealed.

The promise: a value that changed is pending until a frame carries it, the frame is kept
until the parent's receipt covers it, and a repair puts back to pending whatever the
parent may not hold. So nothing is lost, and nothing is kept twice: pending is a mark on
the value itself (``sealed_sequence IS NULL``), only its newest state, never a queue.

Not promised: that every intermediate state travels. A value that changes ten times
while the link is down is sent once.

``store``      the protocol, and the values it speaks in
``announced``  what an epoch has already told: numbers, contracts, names
``announcer``  where names of agencies, sources and places come from
``compose``    rows and announcements into a payload, the payload into a frame
``calendar``   which period is the last that is over
``memory``     the twin for tests and simulations
``postgres``   the real one; ``statements`` holds its SQL
``watching``   tells when values became pending

A frame takes the newest periods first; every fourth takes the oldest, so that history
does not starve behind a stream of live values.
"""

from federation.storage.entities import EntityApp

APP = EntityApp(label="outbox", models=(), migrations="federation.outbox.migrations")
