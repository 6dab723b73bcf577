"""The long set: what the tests of every change do in small, hour after hour, with a table at the end.

`parts` says what is played, in pieces of some minutes; `playing` plays a piece; `results` remembers what was
played, so that a set that was stopped goes on where it was.
To add a part: a function in `parts` and a line in `PARTS`.
"""
