"""Orders: what a form or a JSON body asks for, one class an order, the same for pages and API.

An order checks the shape of its input (pydantic), names the right that it needs and the unit whose
right it is, and calls one decision of casework. It sees the node only through the protocols in
`desk.py`. May import casework, the projections' questions, pydantic; never the event log or pages.
To add an order: a class here, its action in shared/accounts/rights.py, a route in shared/pages.
"""
