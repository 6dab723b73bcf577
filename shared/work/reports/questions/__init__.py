"""What is known of reporting days: reports, excuses, who owed one, what contradicts a zero.

May import the rules, `shared/projections` and the questions of matters. To add a question: a function here.
"""
