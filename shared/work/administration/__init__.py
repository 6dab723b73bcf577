"""Who keeps an office's door, as far as others must see it: an administrator whose password was set anew at the computer.

`reset.py` holds the fact, and may import `work/common` alone; accounts themselves stay at their node. To add an act that
others must see: a fact here, recorded before the act by whoever does it, and its test.
"""
