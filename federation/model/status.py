"""Status and provenance of a value, and how many contributors had which.

Source of the statuses: SDMX code list CL_OBS_STATUS, extended by what Vietnamese
reporting tells apart ("không phát sinh" is a report, not a gap).
"""

from dataclasses import dataclass
from enum import IntEnum


class Status(IntEnum):
    """What kind of value a contributor gave. Numbers are those of the wire."""

    NORMAL = 1
    PROVISIONAL = 2
    ESTIMATED = 3
    ZERO = 4
    NO_ACTIVITY = 5
    MISSING = 6
    NOT_COLLECTED = 7
    WITHHELD = 8
    SUPPRESSED = 9
    DELETED = 10

    @property
    def carries_state(self) -> bool:
        """Return whether a value of this status enters a merge (zero does)."""
        return self <= Status.NO_ACTIVITY

    @property
    def slug(self) -> str:
        """Return the name used in the API, for example ``no_activity``."""
        return self.name.lower()


NOT_GIVEN = frozenset({Status.MISSING, Status.DELETED})
"""A report of these alone was not given (yet): nobody was in time with it."""


class Provenance(IntEnum):
    """How a contributor's value came. Numbers are those of the wire."""

    AUTOMATIC = 1
    FILE = 2
    MANUAL = 3
    SIMULATED = 4

    @property
    def slug(self) -> str:
        """Return the name used in the API, for example ``file``."""
        return self.name.lower()


# The leading status of several: the least certain value that is there wins; only
# where nothing is there, the strongest reason for the absence.
_LEADING_STATUS = (
    Status.ESTIMATED,
    Status.PROVISIONAL,
    Status.NORMAL,
    Status.ZERO,
    Status.NO_ACTIVITY,
    Status.WITHHELD,
    Status.SUPPRESSED,
    Status.MISSING,
    Status.NOT_COLLECTED,
    Status.DELETED,
)
# One simulated part makes the whole one to be doubted.
_LEADING_PROVENANCE = (
    Provenance.SIMULATED,
    Provenance.MANUAL,
    Provenance.FILE,
    Provenance.AUTOMATIC,
)

STATUS_COUNT = len(Status)
PROVENANCE_COUNT = len(Provenance)


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """Contributors of a value by status and by provenance.

    A contributor is one report: one series in one base period. ``statuses`` has
    one entry for each ``Status`` in order, ``provenances`` one for each
    ``Provenance``. Of contributors with and without a state (missing, withheld …)
    together only the first are counted by provenance, for nothing of the others
    entered the value. Where none has a state, ``provenances`` says who told so.
    """

    statuses: tuple[int, ...]
    provenances: tuple[int, ...]

    @classmethod
    def one(cls, status: Status, provenance: Provenance) -> "Counts":
        """Return the counts of a single report."""
        statuses = [0] * STATUS_COUNT
        statuses[status - 1] = 1
        provenances = [0] * PROVENANCE_COUNT
        provenances[provenance - 1] = 1
        return cls(statuses=tuple(statuses), provenances=tuple(provenances))

    def __add__(self, other: "Counts") -> "Counts":
        """Return the counts of both together."""
        told = [each for each in (self, other) if each.with_state] or [self, other]
        return Counts(
            statuses=tuple(map(sum, zip(self.statuses, other.statuses, strict=True))),
            provenances=tuple(
                map(sum, zip(*(each.provenances for each in told), strict=True))
            ),
        )

    @property
    def with_state(self) -> int:
        """Return how many contributors entered the value."""
        return sum(self.statuses[: Status.NO_ACTIVITY])

    @property
    def leading_status(self) -> Status:
        """Return the status a value with these contributors is shown with."""
        for status in _LEADING_STATUS:
            if self.statuses[status - 1]:
                return status
        return Status.MISSING

    @property
    def leading_provenance(self) -> Provenance:
        """Return the provenance a value with these contributors is shown with."""
        for provenance in _LEADING_PROVENANCE:
            if self.provenances[provenance - 1]:
                return provenance
        return Provenance.AUTOMATIC


NO_COUNTS = Counts(statuses=(0,) * STATUS_COUNT, provenances=(0,) * PROVENANCE_COUNT)
