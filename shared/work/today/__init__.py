"""The first page of each role: what is due today, what waits, what was just done.

May import the questions of every subject. To add a line: a question of its subject, and a place in the template.
"""
