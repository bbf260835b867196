"""What colour says can be read, and told apart by whoever sees colours otherwise."""

import itertools
import re

import pytest
from colorspacious import cspace_convert, deltaE

from dashboard.server import FOLDER

STYLE = (FOLDER / "assets" / "style.css").read_text(encoding="utf-8")
STATES = ("ok", "watch", "bad", "stale", "none", "unjudged", "made-up")
FILLS = ("ok", "watch", "bad", "stale")


def palette(theme: str) -> dict[str, str]:
    selector = ":root {" if theme == "light" else ':root[data-theme="dark"] {'
    body = STYLE[STYLE.index(selector) :].partition("}")[0]
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", body))


def channels(colour: str) -> list[float]:
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def luminance(colour: str) -> float:
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in channels(colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_stand_out_from_what_is_behind_them(theme):
    colours = palette(theme)
    pairs = [(f"{state}-words", f"{state}-chip") for state in STATES]
    pairs += itertools.product(
        ("text", "muted", "primary", "good", "poor"), ("card", "bg")
    )
    pairs += [("on-band", "band"), ("on-primary", "primary")]
    pairs += [("banner-words", "banner")]
    for words, behind in pairs:
        found = contrast(colours[words], colours[behind])
        assert found >= 4.5, (words, behind, round(found, 2))


@pytest.mark.parametrize("kind", ["deuteranomaly", "protanomaly", "tritanomaly"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_states_differ_for_every_kind_of_colour_vision(theme, kind):
    colours = palette(theme)
    seen = {"name": "sRGB1+CVD", "cvd_type": kind, "severity": 100}
    for one, other in itertools.combinations(FILLS, 2):
        pair = [
            cspace_convert(channels(colours[name]), seen, "sRGB1").clip(0, 1)
            for name in (one, other)
        ]
        found = deltaE(*pair, input_space="sRGB1")
        assert found >= 15, (one, other, round(float(found), 1))
