"""Commands and their options, from the command lines themselves."""

from collections.abc import Iterator
from typing import Any

import typer

from scripts.guide.markdown import code, table

HEADINGS = ("argument or option", "default", "nghĩa / meaning")


def commands_text(app: typer.Typer, program: str) -> str:
    """Return a heading and a table for every command of a program."""
    return "\n\n".join(
        f"### `{name}`\n\n{command.help or ''}\n\n{_options(command)}"
        for name, command in commands(app, program)
    )


def commands(app: typer.Typer, program: str) -> Iterator[tuple[str, Any]]:
    """Yield every command with its full name."""
    yield from _walk(typer.main.get_command(app), program)


def options(command: Any) -> list[str]:
    """Return the arguments and options of a command as a person types them."""
    return [_typed(parameter) for parameter in command.params]


def _walk(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    group = getattr(command, "commands", None)
    if group is None:
        yield name, command
        return
    for part, inner in sorted(group.items()):
        yield from _walk(inner, f"{name} {part}")


def _options(command: Any) -> str:
    return table(
        HEADINGS,
        [
            [code(_typed(each)), _default(each), getattr(each, "help", None) or ""]
            for each in command.params
        ],
    )


def _typed(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        many = "…" if parameter.nargs == -1 else ""
        return str(parameter.name).upper() + many
    return ", ".join(parameter.opts)


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    if parameter.default in (None, False):
        return "–"
    return code(str(parameter.default))
