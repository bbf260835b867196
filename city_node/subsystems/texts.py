"""A subsystem's texts in both languages, read from its ``text`` folder."""

import tomllib
from importlib.resources import files

from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Text


def load_texts(package: str) -> dict[str, Text]:
    """Return texts by dotted key, for example ``indicator.rain.name``.

    Raises:
        FederationError: ``CONFIGURATION`` when a key has a text in one language only.
    """
    vietnamese = _load(package, "vi")
    english = _load(package, "en")
    unpaired = vietnamese.keys() ^ english.keys()
    if unpaired:
        names = ", ".join(sorted(unpaired))
        raise FederationError(
            ErrorCode.CONFIGURATION,
            f"{package}/text: các mục chỉ có một thứ tiếng: {names}.",
            f"{package}/text: these keys have one language only: {names}.",
            {"package": package},
        )
    return {key: Text(vi=text, en=english[key]) for key, text in vietnamese.items()}


def _load(package: str, language: str) -> dict[str, str]:
    file = files(package) / "text" / f"{language}.toml"
    return dict(_flat(tomllib.loads(file.read_text(encoding="utf-8")), ""))


def _flat(table: dict[str, object], prefix: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, entry in table.items():
        name = f"{prefix}{key}"
        if isinstance(entry, dict):
            pairs.extend(_flat(entry, f"{name}."))
        else:
            pairs.append((name, " ".join(str(entry).split())))
    return pairs
