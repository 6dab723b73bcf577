"""How tables that are no projection change from release to release: Alembic's revisions, one transaction a node.

| files | hold |
| --- | --- |
| versions | the revisions, oldest first; each names in CHANGES the tables of which it changes what is there |
| revisions | which revisions there are, which one a database has, what is still to be done |
| migrate | does it: under the lease, a copy first, all of it or nothing |
| copies | the copy of what changes |
| refusals | a newer database, a held lock, a role without the right |

May import `work/common`'s base of refusals, the database's own files, alembic and sqlalchemy. To add a change: the
table's declaration where it lives, a file in `versions` named after the next number with its own frozen words (never the
declarations, which go on changing), and a story in tests/database; a test compares what the revisions make with what is declared.
"""
