"""Writes the tables into docs/guide."""

from scripts.guide.markdown import filled
from scripts.guide.tables import GUIDE, tables


def main() -> None:
    """Fill every table of every document; say which documents changed."""
    made = tables()
    for path in sorted(GUIDE.glob("*.md")):
        before = path.read_text(encoding="utf-8")
        after = filled(before, made)
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(f"wrote {path.name}")


if __name__ == "__main__":
    main()
