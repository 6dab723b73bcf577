"""Room 4: what people need to know: one question, one file, its own tables.

A handler turns one fact into row changes without reading, so live work, catching up and replay
use the same path. Rows are written by one stream's facts each, since the order in which facts of
different nodes arrive is not defined; questions join rows when they are asked.

| files | hold |
| --- | --- |
| cases, referrals, reports, duties, supervisions | tables and handlers |
| timeline, heard, units, entitlements | the same |
| chain, present, matters, matter | questions over several tables |
| registers, contradictions, sheets | the same |
| rows, columns, petition, dialects | what tables share |
| catalogue | all handlers, rebuild, canonical dump |

May import casework's names and words, the packaged data, the envelope and sqlalchemy; never the
event log, the transport or a page. To add a question: a new file, a line in `catalogue.py` when it
has a table, and a test that its rows are equal in every order of arrival.
"""
