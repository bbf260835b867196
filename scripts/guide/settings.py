"""Tables of settings, from the settings classes."""

from collections.abc import Iterator
from enum import Enum
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from federation.settings import SettingsBase, leaves
from scripts.guide.markdown import code, table

HEADINGS = ("setting", "default", "values", "meaning")


def settings_table(kind: type[SettingsBase]) -> str:
    """Return every setting of a program: name, default, values, meaning."""
    return table(HEADINGS, _rows(kind))


def setting_names(kind: type[SettingsBase]) -> list[str]:
    """Return the dotted names of all settings; a list's levels have ``[]``."""
    return [name for name, _ in _fields(kind)]


def _rows(kind: type[SettingsBase]) -> Iterator[list[str]]:
    for name, field in _fields(kind):
        meaning = field.description or ""
        yield [code(name), _default(field), _values(field), meaning]


def _fields(kind: type[BaseModel], above: str = "") -> Iterator[tuple[str, FieldInfo]]:
    for path, field in leaves(kind):
        name = above + ".".join((*path[:-1], field.alias or path[-1]))
        yield name, field
        for level in _levels_in(field.annotation):
            yield from _fields(level, f"{name}[].")


def _levels_in(annotation: Any) -> list[type[BaseModel]]:
    return [
        each
        for each in get_args(annotation)
        if isinstance(each, type) and issubclass(each, BaseModel)
    ]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, bool):
        return code(str(value).lower())
    if value in (None, "", ()):
        return "–"
    return code(str(value.value if isinstance(value, Enum) else value))


def _values(field: FieldInfo) -> str:
    found = [_type(field.annotation)]
    for limit in field.metadata:
        for attribute, sign in (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<")):
            if (bound := getattr(limit, attribute, None)) is not None:
                found.append(f"{sign} {bound:g}")
        if pattern := getattr(limit, "pattern", None):
            found.append(code(str(pattern)))
        if getattr(limit, "min_length", None):
            found.append("not empty")
    return ", ".join(found)


def _type(annotation: Any) -> str:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " or ".join(code(str(each)) for each in inner)
    if origin in (Union, UnionType):
        return _type(next(each for each in inner if each is not type(None)))
    if origin is tuple:
        return (
            "list of levels" if _levels_in(annotation) else f"list of {_type(inner[0])}"
        )
    known = {"str": "text", "SecretStr": "secret", "int": "integer", "float": "number"}
    name = getattr(annotation, "__name__", str(annotation))
    return known.get(name, name.lower())
