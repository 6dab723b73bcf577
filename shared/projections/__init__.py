"""Room 4: what people need to know: one question, one file, its own tables.

A handler turns one fact into row changes without reading, so live work, catching up and replay
use the same path. Rows are written by one stream's facts each, since the order in which facts of
different nodes arrive is not defined; questions join rows when they are asked.
May import casework's names and words, the envelope and sqlalchemy; never the event log, the
transport or another projection. To add a question: a new file, a line in `catalogue.py`, a replay.
"""
