"""Localities: the dated graph of places, and where its places come from.

``graph``      finds places, parts, members and what a code stood for on a day
``lists``      official lists: the one that ships, and newer ones of an operator
``areas``      an operator's file of areas and of places that no list dates
``store``      the tables; what an import changed is recorded with its date
``importing``  the operator's files, imported when a program starts
"""

from federation.storage.entities import EntityApp

APP = EntityApp(
    label="localities", models=(), migrations="federation.localities.migrations"
)
