"""The revisions, one file each, never changed once a release has gone out with it.

May import alembic and sqlalchemy alone: what the rest of the program says of its tables today is another matter. To add
one: see `shared/database/migrations`.
"""
