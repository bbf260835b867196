"""Generated input: deterministic, and marked as simulated on every record.

It goes through the ordinary intake, so a demonstration shows what real input would
do, on series of its own (breakdown ``feed=simulated``).
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from city_node.contract import Record
from city_node.subsystems.environment import simulate as environment
from city_node.subsystems.socio_economic import simulate as socio_economic
from federation.errors import ErrorCode, FederationError
from federation.model.locality import Locality
from federation.model.period import LOCAL


def simulate(
    subsystem: str,
    localities: Sequence[Locality],
    since: date,
    until: datetime,
    seed: int,
) -> Iterator[Record]:
    """Yield records of a subsystem for places and areas, of times over by ``until``.

    A figure depends on the seed, its place and its time alone: generating again,
    for more or less, repeats what was generated before.

    Raises:
        FederationError: ``NOT_FOUND`` for a subsystem without a generator.
    """
    match subsystem:
        case "environment":
            return environment.simulate(localities, since, until, seed)
        case "socio_economic":
            today = until.astimezone(LOCAL.zone).date()
            return socio_economic.simulate(localities, since, today, seed)
        case _:
            raise FederationError(
                ErrorCode.NOT_FOUND,
                f"Phân hệ “{subsystem}” không có bộ sinh số liệu mô phỏng.",
                f"The subsystem “{subsystem}” has no generator.",
                {"subsystem": subsystem},
            )
