"""The reporting day: daily and zero reports, excuses, and the sheet of words that are never mixed.

`register.py`, `statement.py`, `reporting_day.py` and `excuses.py` hold facts and rules, and may import `work/common` alone; orders,
questions and pages follow above them and may import the questions of matters. To add a figure: a field, its source, its test.
"""
