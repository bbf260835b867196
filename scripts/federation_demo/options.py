"""What a person can ask of the demo."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

DEFAULT_PORT_BASE = 8400
# A trend of 24 months, and the same period a year before.
SIMULATED_DAYS = 750
CHECK_TIMEOUT_S = 240.0


@dataclass(frozen=True, kw_only=True)
class Options:
    """The command line, checked."""

    data: Path | None
    simulated: bool
    check: bool
    workspace: Path
    port_base: int
    check_timeout_s: float
    simulated_days: int = SIMULATED_DAYS


def parse(arguments: Sequence[str], checkout: Path) -> Options:
    """Return the options, or end with a message that says what is wrong."""
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description="Starts the whole federation on this machine: nation, province, "
        "a city's own node, a node hosted by the province, and their pages. / "
        "Chạy toàn bộ hệ liên thông trên máy này.",
    )
    parser.add_argument("--data", type=Path, help="folder with the real input files")
    parser.add_argument(
        "--no-simulated",
        action="store_true",
        help="with --data: leave out the generated current input",
    )
    parser.add_argument(
        "--simulated-days",
        type=int,
        default=SIMULATED_DAYS,
        metavar="N",
        help=f"how far back generated input goes (default: {SIMULATED_DAYS})",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="compare all tiers by numbers, print the table and stop; exit 0 when "
        "they agree, else 1",
    )
    parser.add_argument(
        "--workspace",
        type=Path,
        default=checkout / ".workspace" / "demo",
        help="folder of databases, keys and logs (default: .workspace/demo)",
    )
    parser.add_argument(
        "--port-base",
        type=int,
        default=DEFAULT_PORT_BASE,
        help=f"first of the fifty ports it uses (default: {DEFAULT_PORT_BASE})",
    )
    parser.add_argument(
        "--check-timeout",
        type=float,
        default=CHECK_TIMEOUT_S,
        metavar="SECONDS",
        help=f"how long --check waits for equal tiers (default: {CHECK_TIMEOUT_S:.0f})",
    )
    parsed = parser.parse_args(arguments)
    if parsed.data is not None and not parsed.data.is_dir():
        parser.error(f"--data: no such folder / không có thư mục: {parsed.data}")
    if parsed.no_simulated and parsed.data is None:
        parser.error("--no-simulated needs --data: there would be no input at all")
    if not 1 <= parsed.simulated_days <= 3650:
        parser.error("--simulated-days: from 1 to 3650")
    if not 1024 <= parsed.port_base <= 65_000:
        parser.error("--port-base: from 1024 to 65000")
    return Options(
        data=None if parsed.data is None else parsed.data.resolve(),
        simulated=not parsed.no_simulated,
        simulated_days=parsed.simulated_days,
        check=parsed.check,
        workspace=parsed.workspace.resolve(),
        port_base=parsed.port_base,
        check_timeout_s=parsed.check_timeout,
    )
