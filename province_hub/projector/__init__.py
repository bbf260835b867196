"""The projector: committed frames become values, in sequence.

``projector``  takes frames of a stream after its position and applies them
``announced``  what numbers stand for in a stream's epoch
``judgement``  whether a row may land, and as what (pure)
``progress``   what a stream says of itself: complete through, losses, gaps

The promise: rows, announcements and the position of a stream move in one transaction,
so each frame takes effect once, whatever crashes. What can't land is set aside with
its reason, and its neighbours land.
"""

from federation.storage.entities import EntityApp

APP = EntityApp(
    label="projector", models=(), migrations="province_hub.projector.migrations"
)
