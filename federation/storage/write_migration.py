"""Writes the migration module for changed models; run by a developer.

``python -m federation.storage.write_migration package.module:APPS_OR_APP [NAME]``
"""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Sequence

from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.writer import format_migration_name

from federation.storage.entities import EntityApp, orm_config


async def write(apps: Sequence[EntityApp], name: str | None) -> list[str]:
    """Write what the models need beyond the migrations; return the files."""
    config = orm_config("postgresql://none@127.0.0.1/none", apps)
    async with TortoiseContext() as context:
        await context.init(config=config, init_connections=False)
        if context.apps is None:
            return []
        writers = await MigrationAutodetector(context.apps, config["apps"]).changes()
    for writer in writers:
        if name is not None:
            number = int(writer.name.split("_", 1)[0])
            writer.name = format_migration_name(number, name)
    return [str(writer.write()) for writer in writers]


def main(arguments: list[str]) -> None:
    """Find the ``EntityApp`` or sequence of them and write the modules."""
    if not arguments:
        sys.exit(__doc__)
    module, _, attribute = arguments[0].partition(":")
    found = getattr(importlib.import_module(module), attribute or "APP")
    apps = [found] if isinstance(found, EntityApp) else list(found)
    name = arguments[1] if len(arguments) > 1 else None
    files = asyncio.run(write(apps, name))
    print("\n".join(files) if files else "nothing changed")


if __name__ == "__main__":
    main(sys.argv[1:])
