"""Pages and JSON doors of reports, of the sheet of a day, and of excuses.

May import orders, questions and the kit of pages. To add a page: a route, its right, a template.
"""
