"""Generated input: deterministic, and marked as simulated on every record.

It goes through the ordinary intake, so a demonstration shows what real input would
do, on series of its own (breakdown ``feed=simulated``).
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from city_node.contract import Record
from city_node.installed import find_simulation
from federation.model.locality import Locality


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
    return find_simulation(subsystem)(localities, since, until, seed)
