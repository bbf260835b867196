"""What somebody may ask of any benchmark."""

from __future__ import annotations

import dataclasses
from pathlib import Path


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How long to measure, and whether to look inside."""

    rounds: int | None = None
    """Measured rounds; None is the benchmark's own number."""
    short: bool = False
    """Tiny sizes, for the tests: the speeds mean nothing."""
    profile: Path | None = None
    """Folder for a profile of each process; it slows everything down."""
