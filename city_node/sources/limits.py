"""Limits on input files. Beyond one a file is refused as unreadable, with the limit."""

FILE_BYTES_MAX = 32 * 1024 * 1024
"""Largest file that is opened at all."""

ROWS_MAX = 1_000_000
"""Most rows of one table; a larger export is to be cut by year."""

COLUMNS_MAX = 1_000
"""Most columns of one table."""

WORKBOOK_CELLS_MAX = 2_000_000
"""Most cells of all sheets of a workbook, with the empty ones before the last of a row
and those that a merged cell covers: they are what takes time and memory."""

CELL_CHARACTERS_MAX = 32_767
"""Longest text of a cell; the same as that of spreadsheet programs."""

SHEETS_MAX = 300
"""Most sheets of one workbook."""

ZIP_ENTRIES_MAX = 10_000
"""Most parts of one workbook."""

UNPACKED_BYTES_MAX = 128 * 1024 * 1024
"""Largest sum of a workbook's parts, unpacked."""

ZIP_RATIO_MAX = 200
"""Most times that a part may grow when unpacked; tables grow some twenty times."""

ELEMENTS_MAX = 8_000_000
"""Most XML elements of one workbook; a cell takes two, its text two more."""

ROW_ELEMENTS_MAX = 20 * COLUMNS_MAX
"""Most XML elements in one row or one text: they are held until it ends."""

HEADING_ROWS_MAX = 40
"""How far down a table its headings are looked for."""
