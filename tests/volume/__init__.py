"""A county's node with years of facts: its figures, a rebuild, a day to catch up, and how much memory it takes.

`county` knows what each village reported and therefore what every figure must be; `__main__` does the
work in a process of its own, so that its peak of memory is its own.
"""
