"""Summaries: the state of a series in a period, a pure function of its observations.

A batch recomputes what it touched, in its own transaction, so a summary is never
older or newer than the observations it stands for.
"""
