"""The catalogue: what the figures of a tier mean.

A tier that measures puts its own contracts; a parent learns those of its children from
their announcements, before the first row that needs them. Names of agencies and
sources, obligations and withheld series stand beside them.

``store``       what is known, cached in memory, kept in the tables
``documents``   contracts and calendars as the bytes the tables keep
``subsystems``  names of the twelve subsystems every tier knows
"""

from federation.storage.entities import EntityApp

APP = EntityApp(
    label="catalogue", models=(), migrations="federation.catalogue.migrations"
)
