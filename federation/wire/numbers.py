"""Enumerations of the model as the numbers that messages take."""

from enum import IntEnum
from typing import Any


def number(value: IntEnum) -> Any:
    """Return the wire number of an enumeration of the model.

    Generated stubs type a field by the generated enumeration; at run time it takes
    the plain integer, and both sides use the same numbers.
    """
    return int(value)
