"""What offices do: one folder a subject, and the list of them.

A subject opens with its words and rules (pure), then its orders, its questions (projections) and its pages.
`catalogue.py` is the list from which a node and its doors are made. May import the kit of pages, orders,
projections and accounts; of the engine only what its pages show. To add a subject: a folder, or one file for a
register, and a line in `catalogue.py`.
"""
