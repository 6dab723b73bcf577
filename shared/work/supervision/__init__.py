"""Supervision: an office above asks for a duty about a matter, the office answers, the letter is lifted.

`letter.py` holds facts and rules, and may import `work/common` alone; orders, questions and pages follow above it.
To add a step: an order here, its rule on the stream, its test.
"""
