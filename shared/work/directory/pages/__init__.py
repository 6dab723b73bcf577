"""Pages of the directory: offices, and the computers that keep them.

May import orders and questions of the subject and the kit of pages. To add a page: a file here, and its router in `tier_app.py`.
"""
