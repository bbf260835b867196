"""The warehouse: current values of every series and period, and how they came.

The same table is the outbox's source: a value that was not sealed yet is pending.
Equal values are never written again, so nothing downstream of a change is woken
without one. ``store.py`` says what a warehouse promises.
"""

from federation.storage.entities import EntityApp

APP = EntityApp(
    label="warehouse", models=(), migrations="federation.warehouse.migrations"
)
