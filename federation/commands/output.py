"""Tables for people, JSON for programs, in the language of the terminal."""

import json
import os
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text as Styled

from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Text

LANGUAGE_VARIABLES = ("IOC_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
"""The first that is set decides; Vietnamese when it begins with ``vi``."""


class ExitCode(IntEnum):
    """What a command's end means to a script. 2 is the command line's own."""

    OK = 0
    NOT_WELL = 1
    """The command ran; what it looked at is not as it should be."""
    CONFIGURATION = 3
    UNAVAILABLE = 4
    """Something did not answer; trying again may help."""
    REFUSED = 5
    """The request was understood and can't be done; trying again does not help."""


def exit_code_of(error: FederationError) -> ExitCode:
    """Return the exit code of an error."""
    if error.code is ErrorCode.CONFIGURATION:
        return ExitCode.CONFIGURATION
    return ExitCode.UNAVAILABLE if error.retriable else ExitCode.REFUSED


def language() -> str:
    """Return ``vi`` or ``en``."""
    chosen = next((os.environ[v] for v in LANGUAGE_VARIABLES if os.environ.get(v)), "")
    return "vi" if chosen.lower().startswith("vi") else "en"


def spoken(text: Text) -> str:
    """Return a text in the reader's language."""
    return text.vi if language() == "vi" else text.en


def console(*, to_error: bool = False) -> Console:
    """Return a console; rich leaves colour out for NO_COLOR and for pipes."""
    return Console(stderr=to_error, soft_wrap=True, highlight=False)


def print_json(value: Any) -> None:
    """Print a value as JSON, one document."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def print_table(
    title: Text, columns: Sequence[Text], rows: Sequence[Sequence[str | Styled]]
) -> None:
    """Print rows as a table with headings; what a cell says is never markup."""
    # Without lines between columns more of them fit a screen of 80.
    table = Table(
        title=spoken(title),
        title_justify="left",
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        collapse_padding=True,
    )
    for column in columns:
        table.add_column(spoken(column), overflow="fold")
    for row in rows:
        table.add_row(
            *(cell if isinstance(cell, Styled) else Styled(cell) for cell in row)
        )
    console().print(table)
    console().print()


def print_error(error: FederationError, *, as_json: bool = False) -> None:
    """Print what is wrong to standard error, in both languages."""
    if as_json:
        print_json({"error": describe(error)})
        return
    screen = console(to_error=True)
    screen.print(error.text_vi, style="bold red", markup=False)
    screen.print(error.text_en, style="red", markup=False)


def describe(error: FederationError) -> Mapping[str, Any]:
    """Return an error for JSON output."""
    return {
        "code": error.code.value,
        "text_vi": error.text_vi,
        "text_en": error.text_en,
        "where": {key: str(value) for key, value in error.where.items()},
    }


def mark(ok: bool) -> Styled:
    """Return the sign of a good or a bad line; never colour alone."""
    good, bad = ("đạt", "lỗi") if language() == "vi" else ("ok", "failed")
    if ok:
        return Styled(f"● {good}", style="green")
    return Styled(f"◆ {bad}", style="bold red")
