"""The reporting day: daily and zero reports, excuses, and the sheet of four words that are never mixed.

`reporting_day.py` holds facts and rules, and may import `work/common` alone; orders, questions and pages follow
above it and may import the questions of matters. To add a figure: a field, its source, its test.
"""
