"""The door of the county tier: what only this tier's people see and do.

May import `shared`, fastapi and pydantic; never another tier's door, a database, a broker or the event
library. To add a page for this tier alone: a router here, a line in `routes.py`, a template beside it.
"""
