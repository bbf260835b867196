"""Load and versions of the machine that measured."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version


def load_average() -> tuple[float, float, float]:
    """Return the load of the last 1, 5 and 15 minutes."""
    return tuple(round(value, 2) for value in os.getloadavg())  # type: ignore[return-value]


def versions(*packages: str, **others: str) -> dict[str, str]:
    """Return the versions of the machine, of packages, and what else is given."""
    return {
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
        **{package: version(package) for package in packages},
        **others,
    }
