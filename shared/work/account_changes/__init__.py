"""Changes of offices' accounts, as facts that the office above reads: who may come in is not one administrator's secret.

The accounts themselves are no facts (decision 0004); their history tells of what was done, never of a password.

May import `work/common`, projections and the kit of pages; no other subject. To add a kind of change: its word in
`shared/web/languages/labels.py`, and a note of it where it is made.
"""
