"""The kit of pages: rendering, forms, errors, languages, headers, and the doors that are derived from orders.

May import accounts, orders, `work/common`, fastapi and jinja2; it sees the node only through the protocol in `office.py`
and knows no subject. To add a part: a macro in templates/parts, shown in tests/web/templates/demo.html.
"""
