"""Settings of a program: where each value came from, and what is wrong with it.

Defaults < TOML file < environment (``IOC_…``, levels joined by ``__``) < command line.
Any setting may be given by the name of a file that holds it: ``url_file`` in TOML,
``IOC_DATABASE__URL_FILE`` in the environment. Secrets are ``SecretStr`` fields and are
shown masked. A program that starts has valid settings: ``load`` raises one error with
every problem in it.
"""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings.exceptions import SettingsError as SourceError

from federation.errors import ErrorCode, FederationError

ENVIRONMENT_PREFIX = "IOC_"
LEVEL_DELIMITER = "__"
FILE_SUFFIX = "_file"
MASK = "********"

VIETNAMESE = {
    "missing": "thiếu giá trị bắt buộc",
    "extra_forbidden": "không có thiết lập nào tên như vậy",
    "int_parsing": "phải là số nguyên",
    "float_parsing": "phải là số",
    "bool_parsing": "phải là true hoặc false",
    "greater_than": "phải lớn hơn {gt}",
    "greater_than_equal": "phải từ {ge} trở lên",
    "less_than": "phải nhỏ hơn {lt}",
    "less_than_equal": "không được quá {le}",
    "literal_error": "phải là một trong: {expected}",
    "enum": "phải là một trong: {expected}",
    "string_type": "phải là chuỗi ký tự",
    "string_too_short": "phải có ít nhất {min_length} ký tự",
    "string_too_long": "không được dài quá {max_length} ký tự",
    "string_pattern_mismatch": "phải khớp mẫu {pattern}",
    "path_not_file": "không phải là một tệp",
    "path_not_directory": "không phải là một thư mục",
}

Path_ = tuple[str, ...]


class SettingsBase(BaseSettings):
    """What the settings of the three programs inherit; frozen, unknown names refused.

    Levels are ``pydantic.BaseModel`` fields. Every field has a ``description``.
    """

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        env_prefix=ENVIRONMENT_PREFIX,
        env_nested_delimiter=LEVEL_DELIMITER,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take values from ``load`` only, which knows where each came from."""
        return (init_settings,)


Settings = TypeVar("Settings", bound=SettingsBase)


@dataclasses.dataclass(frozen=True, kw_only=True)
class SettingProblem:
    """One thing that is wrong."""

    setting: str
    source: str
    why_vi: str
    why_en: str


class SettingsError(FederationError):
    """The settings are wrong; ``problems`` has every one of them."""

    def __init__(self, problems: list[SettingProblem]) -> None:
        """Put the problems into a table a person can read."""
        self.problems = tuple(problems)
        name_width = max(len(item.setting) for item in problems)
        source_width = max(len(item.source) for item in problems)
        places = [
            f"  {item.setting:<{name_width}}  {item.source:<{source_width}}  "
            for item in problems
        ]
        pairs = list(zip(places, problems, strict=True))
        vi = "\n".join(place + item.why_vi for place, item in pairs)
        en = "\n".join(place + item.why_en for place, item in pairs)
        super().__init__(
            ErrorCode.CONFIGURATION,
            f"Cấu hình sai:\n{vi}",
            f"The settings are wrong:\n{en}",
        )

    def __str__(self) -> str:
        """Return both tables."""
        return f"{self.text_vi}\n{self.text_en}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class SettingRow:
    """One line of ``config show --sources``."""

    name: str
    value: str
    source: str
    meaning: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class LoadedSettings(Generic[Settings]):
    """Valid settings and where each value came from."""

    values: Settings
    sources: Mapping[Path_, str]
    """Only what is not a default."""

    def rows(self) -> list[SettingRow]:
        """Return every setting with its value (secrets masked) and its source."""
        return [
            SettingRow(
                name=".".join(path),
                value=_shown(_value(self.values, path)),
                source=self.sources.get(path, "default"),
                meaning=field.description or "",
            )
            for path, field in leaves(type(self.values))
        ]


def leaves(
    model: type[BaseModel], above: Path_ = ()
) -> Iterator[tuple[Path_, FieldInfo]]:
    """Yield every single setting of a model, level by level."""
    for name, field in model.model_fields.items():
        if (level := _level(field)) is not None:
            yield from leaves(level, (*above, name))
        else:
            yield (*above, name), field


def load(
    kind: type[Settings],
    *,
    toml: Path | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> LoadedSettings[Settings]:
    """Read the settings of a program.

    Args:
        kind: The program's settings class.
        toml: Its file; None when there is none.
        overrides: Values of the command line by dotted name (``{"api.port": 80}``);
            None as a value means "not given".

    Raises:
        SettingsError: With every problem.
    """
    problems: list[SettingProblem] = []
    values: dict[Path_, Any] = {}
    sources: dict[Path_, str] = {}
    in_files: set[Path_] = set()
    for tree, source in _layers(kind, toml, overrides or {}, problems):
        for path, value, note in _flat(kind, tree):
            named = source or _environment_name(path) + (note and FILE_SUFFIX.upper())
            sources[path] = f"{note}, named by {named}" if note else named
            values[path] = Path(note) if note else value
            in_files = in_files | {path} if note else in_files - {path}
    # Only now: a file that a stronger source overrides need not be there.
    for path in in_files:
        values[path] = _content(values[path], path, sources[path], problems)
    if problems:
        raise SettingsError(problems)
    try:
        checked = kind(**_nested(values))
    except ValidationError as error:
        raise SettingsError(_problems_of(error, sources)) from None
    return LoadedSettings(values=checked, sources=sources)


def _layers(
    kind: type[SettingsBase],
    toml: Path | None,
    overrides: Mapping[str, Any],
    problems: list[SettingProblem],
) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield the given values, weakest first; an empty source is the environment."""
    if toml is not None:
        try:
            with toml.open("rb") as file:
                tomllib.load(file)
            yield TomlConfigSettingsSource(kind, toml_file=toml)(), str(toml)
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            problems.append(
                SettingProblem(
                    setting="*",
                    source=str(toml),
                    why_vi=f"không đọc được tệp cấu hình: {error}",
                    why_en=f"the settings file can't be read: {error}",
                )
            )
    try:
        yield EnvSettingsSource(kind)(), ""
    except SourceError as error:
        problems.append(
            SettingProblem(
                setting="*",
                source="environment",
                why_vi=f"không đọc được biến môi trường: {error}",
                why_en=f"an environment variable can't be read: {error}",
            )
        )
    yield _nested(dict(_environment_files(kind))), ""
    given = {
        tuple(name.split(".")): value
        for name, value in overrides.items()
        if value is not None
    }
    yield _nested(given), "command line"


def _environment_files(kind: type[SettingsBase]) -> Iterator[tuple[Path_, str]]:
    suffix = FILE_SUFFIX.upper()
    for name, value in os.environ.items():
        if not (name.startswith(ENVIRONMENT_PREFIX) and name.endswith(suffix)):
            continue
        path = name.removeprefix(ENVIRONMENT_PREFIX).lower().split(LEVEL_DELIMITER)
        # The three programs share the prefix: what is not ours is another's.
        known = {path[0], path[0].removesuffix(FILE_SUFFIX)}
        if known & kind.model_fields.keys():
            yield tuple(path), value


def _environment_name(path: Path_) -> str:
    return ENVIRONMENT_PREFIX + LEVEL_DELIMITER.join(path).upper()


def _level(field: FieldInfo | None) -> type[BaseModel] | None:
    kind = None if field is None else field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _flat(
    model: type[BaseModel], tree: Mapping[str, Any], above: Path_ = ()
) -> Iterator[tuple[Path_, Any, str]]:
    """Yield each given setting: path, value, and the file it is in (or nothing)."""
    for name, value in tree.items():
        field = model.model_fields.get(name)
        level = _level(field)
        plain = name.removesuffix(FILE_SUFFIX)
        if level is not None and isinstance(value, Mapping):
            yield from _flat(level, value, (*above, name))
        elif field is None and plain != name and plain in model.model_fields:
            yield (*above, plain), None, str(value)
        else:
            yield (*above, name), value, ""


def _content(
    file: Path, path: Path_, source: str, problems: list[SettingProblem]
) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        problems.append(
            SettingProblem(
                setting=".".join(path),
                source=source,
                why_vi=f"không đọc được tệp: {error}",
                why_en=f"the file can't be read: {error}",
            )
        )
        return ""


def _nested(values: Mapping[Path_, Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path, value in values.items():
        level = tree
        for name in path[:-1]:
            level = level.setdefault(name, {})
        level[path[-1]] = value
    return tree


def _problems_of(
    error: ValidationError, sources: Mapping[Path_, str]
) -> list[SettingProblem]:
    problems = []
    for item in error.errors(include_url=False, include_input=False):
        place = tuple(str(part) for part in item["loc"])
        known = next(
            (place[:n] for n in range(len(place), 0, -1) if place[:n] in sources), None
        )
        text = VIETNAMESE.get(item["type"], "giá trị không hợp lệ: " + item["msg"])
        problems.append(
            SettingProblem(
                setting=".".join(place) or "*",
                source=sources[known] if known else "default",
                why_vi=text.format_map(_Known(item.get("ctx", {}))),
                why_en=item["msg"],
            )
        )
    return problems


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def _value(settings: BaseModel, path: Path_) -> Any:
    value: Any = settings
    for name in path:
        value = getattr(value, name)
    return value


def _shown(value: Any) -> str:
    if isinstance(value, SecretStr):
        return MASK if value.get_secret_value() else ""
    return "" if value is None else str(value)
