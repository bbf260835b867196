"""Intake: the one way in, for files, pushes and commands.

A file or a push becomes records; what is wrong is told row by row and its neighbours
land. Feeding the same again changes nothing.
"""
