"""Who may come in: passwords, sessions, tokens for programs, and the one table of rights.

`store.Accounts` is the only door to the tables; `rights.allowed` is the only answer to "may they";
`csrf` and `rate` are what a route asks before it asks anything else. Accounts are not facts: why, is
written in decision 0004.

May import `work/common`, sqlalchemy and argon2; never pages, transport or the event log.
To add a right of a page: a row in `rights.py`, or, of an order, beside the order; the test that walks
every route fails until the route names it. To add a role: add a column there.
"""
