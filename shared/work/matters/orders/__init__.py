"""Orders about a matter: registering and referring it, and handling what was offered.

May import the rules, `shared/orders` and the questions. To add an order: one class that declares itself.
"""
