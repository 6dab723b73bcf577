"""Who may come in: passwords, sessions, tokens for programs, and the one table of rights.

May import casework's words, sqlalchemy and argon2; never pages, transport or the event log.
To add a right: add the action to the table in `rights.py`; the test that walks every route
fails until the route names it.
"""
