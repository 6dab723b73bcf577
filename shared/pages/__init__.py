"""Room 5: how it is shown: routes that several doors mount, templates, errors, languages.

May import casework, the projections' questions, accounts, fastapi and jinja2; it sees the node
only through the protocol in `office.py`. To add a page: a route of three lines, a template,
its sentences in both languages, its right in shared/accounts/rights.py.
"""
