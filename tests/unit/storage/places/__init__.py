"""A tiny package with an entity and a hot table, as a real one would have them."""

from federation.storage.entities import EntityApp

APP = EntityApp(
    label="places",
    models=("tests.unit.storage.places.models",),
    migrations="tests.unit.storage.places.migrations",
)
