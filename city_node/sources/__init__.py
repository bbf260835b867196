"""Reading spreadsheets and tables by meaning.

A department's next file has the same form and other content: other sheet numbers,
another row order, another encoding. So a table is found by its title, a column by
its heading, a place by its name, a period by what the headings say, a number by its
column's unit. Nothing here knows a cell address, a sheet number or a file name.

``decoding`` turns bytes into text, ``tables`` and ``workbook`` turn text and
workbooks into grids of cells, ``headings`` finds columns, ``numbers`` and ``dates``
read cells, ``places`` finds localities by name. ``limits`` bounds all of it.
"""
