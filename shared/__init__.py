"""What every tier shares: five rooms, orders and accounts, and the node that joins them.

May import nothing of `services`. To add a room: a folder that opens with what lives there, what it may
touch and how to add to it, and its walls in pyproject.toml.
"""
