"""Orders: how one is declared, how its input is read, and how it is given.

An order is one class in its subject: it checks the shape of its input (pydantic), names the right that it needs and
the unit whose right it is, and calls one decision of its rules. It sees the node through the protocols in `order.py`.
May import `work/common`, accounts, the batched questions and pydantic; never the event log, a subject or a page.
To add a kind of field: a type in `input.py`. What people type in many ways is folded in `folding.py` alone.
"""
