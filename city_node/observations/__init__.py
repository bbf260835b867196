"""Records and observations: what the sources said, and the facts it came to.

A record is kept by its source key with every earlier revision; an observation by its
record, indicator and key. Both stay on the node: only summaries leave.
"""

from federation.storage.entities import EntityApp

APP = EntityApp(
    label="observations", models=(), migrations="city_node.observations.migrations"
)
