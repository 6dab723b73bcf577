"""How projections are declared, written, replayed and compared; what is known of every fact alike.

A handler turns one fact into row changes without reading, so live work, catching up and replay
use the same path. Rows are written by one stream's facts each, since the order in which facts of
different nodes arrive is not defined; what follows from rows of several is derived for the things that a group touched.

| files | hold |
| --- | --- |
| projection, projections | a declared projection; all of a node's, with rebuild and canonical dump |
| rows, columns, due_dates | row changes, and columns that tables share |
| listing | parts of long lists, found by where they begin |
| fingerprints, states | of which shape and rules rows are; making those of another release anew |
| timeline, last_contact, entitlements | projections that take facts of whichever subject |

May import `work/common`, settings, the envelope and sqlalchemy; never the event log, the transport, a subject or
a page. To add a projection: a `Projection` in its subject, and a test that its rows are equal in every order of arrival.
"""
