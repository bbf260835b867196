"""What a reader sees of a page: its words without markup."""

import html
import re


def words_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def tiles_of(page: str) -> list[str]:
    """Return the words of each tile as it stands, without the sheet behind it."""
    cards = page.split("<article")[1:]
    return [words_of("<" + card.split('class="ioc-sheet"')[0]) for card in cards]


def rows_of(page: str, table: str) -> list[str]:
    """Return the words of each row of the table after some text."""
    body = page[page.index(table) :]
    body = body[body.index("<tbody>") : body.index("</tbody>")]
    return [words_of(row) for row in body.split("</tr>")[:-1]]
