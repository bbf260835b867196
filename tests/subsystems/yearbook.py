"""Tables in the form of the yearbook's: title, empty line, headings, quotes, BOM."""

from city_node.contract import InputFile

PLACES_HEADING = "Cities, provincies"
BOM = b"\xef\xbb\xbf"


def yearbook(
    title: str,
    headings: list[str],
    *rows: tuple[str, ...],
    name: str = "table.csv",
    encoding: str = "utf-8",
    delimiter: str = ";",
) -> InputFile:
    """Return a table; the first cell of a row is a place, quoted as the office does."""
    lines = [f'"{title}"', "", _line([PLACES_HEADING, *headings], delimiter)]
    lines += [_quoted_place(row, delimiter) for row in rows]
    content = ("\r\n".join(lines) + "\r\n").encode(encoding)
    return InputFile(
        name=name, content=BOM + content if encoding == "utf-8" else content
    )


def _line(cells: list[str], delimiter: str) -> str:
    return delimiter.join(f'"{cell}"' for cell in cells)


def _quoted_place(row: tuple[str, ...], delimiter: str) -> str:
    place, *numbers = row
    return delimiter.join([f'"{place}"', *numbers])
