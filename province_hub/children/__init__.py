"""Children: who may connect, with which areas, and how each stream stands.

``tickets``   join tokens, from what an operator types
``standing``  every stream as this tier sees it
"""
