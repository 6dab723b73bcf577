"""The office's own pages.

May import accounts and the kit of pages. To add a page: a route, its right, a template.
"""
