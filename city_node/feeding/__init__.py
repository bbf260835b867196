"""Feeding: input that comes by itself, from watched folders and polled addresses.

Both end in the same intake as a command or an upload. What is fed is idempotent, so
each order of steps below may be cut off anywhere and is then done again: a file may
be read twice, its figures count once; no file is ever deleted, only put away.
"""

from federation.storage.entities import EntityApp

APP = EntityApp(label="feeding", models=(), migrations="city_node.feeding.migrations")
