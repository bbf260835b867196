"""Counting the cells of a delimited table that no indicator takes, column by column.

A reader tells what it does with its columns; what is left and holds numbers is said
once for each column with its reason, so that nobody takes a file for wholly used.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from city_node.contract import NotUsed
from city_node.sources.headings import words
from city_node.sources.numbers import read_number
from city_node.sources.tables import Cell, TableRow
from federation.errors import FederationError
from federation.model.indicator import Text

NO_INDICATOR = Text(vi="chưa có chỉ tiêu.", en="there is no indicator for it.")


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownUnused:
    """Columns known and not used: their heading is, or holds, one of some words."""

    reason: str
    text: Text
    headings: tuple[str, ...] = ()
    holding: tuple[str, ...] = ()

    def fits(self, heading: str) -> bool:
        """Return whether a column of a heading is one of these."""
        plain = words(heading)
        return plain in map(words, self.headings) or any(
            part in plain.split() for part in self.holding
        )


class UnusedCells:
    """Counts unused cells of rows; ``told`` says them."""

    def __init__(self, known: Iterable[KnownUnused] = ()) -> None:
        """Take the columns whose reason is known; others have no indicator."""
        self._known = tuple(known)
        self._counted: dict[str, NotUsed] = {}

    def count(self, row: TableRow, also: Sequence[str] = ()) -> None:
        """Count the numbers in a row's other columns, and in read ones of ``also``."""
        cells = dict(row.others) | {name: row.cells[name] for name in also}
        for heading, cell in cells.items():
            if not _is_number(cell):
                continue
            before = self._counted.get(heading)
            self._counted[heading] = (
                self._first(row, heading)
                if before is None
                else replace(before, count=before.count + 1)
            )

    def told(self) -> Iterator[NotUsed]:
        """Yield each column once, with how many cells of it are not used."""
        yield from self._counted.values()

    def _first(self, row: TableRow, heading: str) -> NotUsed:
        known = next((one for one in self._known if one.fits(heading)), None)
        text = NO_INDICATOR if known is None else known.text
        return NotUsed(
            place=replace(row.place, column=heading),
            reason="no-indicator" if known is None else known.reason,
            text_vi=f"“{heading}”: {text.vi}",
            text_en=f"“{heading}”: {text.en}",
        )


def _is_number(cell: Cell) -> bool:
    try:
        return read_number(cell) is not None
    except FederationError:
        return False
