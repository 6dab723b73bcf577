"""SQLAlchemy on two databases: engines, grouped writes, what the dialects spell differently, questions asked together.

May import the envelope's form of moments and sqlalchemy; nothing else of ours. To add a type of column or a dialect's
spelling: one function here with both sides.
"""
