"""Matters as pages and JSON.

May import orders, questions and the kit of pages. To add a page: a route, its right, a template.
"""
