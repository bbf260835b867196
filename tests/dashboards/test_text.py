"""Every word exists in both languages, and Vietnamese is Vietnamese."""

import re
import string

from dashboard.server import FOLDER
from dashboard.text import texts

VI, EN = texts("vi"), texts("en")
ENGLISH = re.compile(
    r"\b(the|and|of|is|not|data|sign|password|user|unit|period|value|status|target|"
    r"error|page|server|file|manual|stale|connected|missing|loading|source)\b",
    re.IGNORECASE,
)
VIETNAMESE = re.compile(r"[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíị]", re.IGNORECASE)
NAMES_ITSELF = {"menu.vi", "menu.en"}


def gaps(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


def test_both_languages_have_the_same_keys():
    assert VI.keys() == EN.keys()


def test_both_languages_have_the_same_gaps_to_fill():
    optional = {"trend.alt"}
    for key in VI.keys() - optional:
        assert gaps(VI(key)) == gaps(EN(key)), key


def test_no_text_is_empty():
    for language in (VI, EN):
        assert all(language(key).strip() for key in sorted(language.keys()))


def test_vietnamese_holds_no_english_words():
    for key in VI.keys() - NAMES_ITSELF:
        assert not ENGLISH.search(re.sub(r"{\w+}", "", VI(key))), key


def test_english_holds_no_vietnamese_words():
    for key in EN.keys() - NAMES_ITSELF:
        assert not VIETNAMESE.search(EN(key)), key


def test_every_key_the_code_names_is_there():
    named = re.compile(r"""\b(?:texts|words|t)\(\s*["']([a-z_]+\.[a-z_0-9]+)["']""")
    found = set()
    for path in (*FOLDER.rglob("*.py"), *FOLDER.rglob("*.html")):
        found |= set(named.findall(path.read_text(encoding="utf-8")))
    assert len(found) > 40
    assert found <= VI.keys()
