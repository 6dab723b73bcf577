"""SQLAlchemy on two databases: engines, grouped writes, questions about many ids and questions asked together, changes of tables.

May import the envelope's form of moments and sqlalchemy, `migrations` also alembic and the base of refusals; nothing else
of ours. To add a type of column or a dialect's spelling: one function here with both sides; a change of tables: `migrations`.
"""
