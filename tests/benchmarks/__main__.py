"""The command behind ``scripts/bench``."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from federation.observability.logging import configure_logging
from tests.benchmarks.durable_ingest import benchmark as durable_ingest
from tests.benchmarks.options import Options
from tests.benchmarks.report import Report, table
from tests.benchmarks.rollup_cost import benchmark as rollup_cost

BENCHMARKS: dict[str, tuple[str, Callable[[Options], Coroutine[Any, Any, Report]]]] = {
    "durable-ingest": (
        "G1, G3: frames committed by a parent before it acknowledges",
        durable_ingest.run,
    ),
    "rollup-cost": (
        "one changed value applied and rolled up, at three sizes of stored history",
        rollup_cost.run,
    ),
}


def main(arguments: list[str] | None = None) -> int:
    """Run a benchmark; return 0 when it measured and what it moved was right."""
    options = _parser().parse_args(arguments)
    if options.name not in BENCHMARKS:
        if options.name:
            print(f"bench: there is no benchmark {options.name!r}", file=sys.stderr)
        print("Benchmarks / Các phép đo:", file=sys.stderr)
        for name, (meaning, _run) in BENCHMARKS.items():
            print(f"  {name:<16}{meaning}", file=sys.stderr)
        return 2
    configure_logging(level="WARNING")
    _meaning, run = BENCHMARKS[options.name]
    report = asyncio.run(
        run(
            Options(rounds=options.rounds, short=options.short, profile=options.profile)
        )
    )
    if options.json:
        print(json.dumps(report.document(), indent=2))
        for difference in report.checked.wrong:
            print(f"bench: wrong: {difference}", file=sys.stderr)
    else:
        print(table(report))
    return 1 if report.checked.wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("name", nargs="?", help="which; without it they are listed")
    parser.add_argument("--json", action="store_true", help="print JSON, not a table")
    parser.add_argument("--rounds", type=int, help="measured rounds; one more is run")
    parser.add_argument(
        "--short", action="store_true", help="tiny sizes, to see it run"
    )
    parser.add_argument(
        "--profile", type=Path, metavar="FOLDER", help="write a profile per process"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
