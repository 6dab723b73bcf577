"""Quotas of a day: what one account and one office may put in and take out, and how a director gives more for today.

Nothing is counted apart: what was used up stands in the record and, for files, in the accounts' history. May import
`work/common`, projections, orders and the kit of pages; no other subject. To add a quota: its word and its most in
`work/common/quota.py`, and where it is used up a line that asks `day_use`.
"""
