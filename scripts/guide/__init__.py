"""The tables of docs/guide that repeat what the code says.

A table stands between ``<!-- table: NAME -->`` and ``<!-- end -->``; what is around it
is written by hand. ``scripts/write_guide`` fills them, a test compares them.
"""
