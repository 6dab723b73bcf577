"""Registers: dated records of an office, the second kind of feature beside orders about a matter.

A register is one dataclass-like `Input` with its words and a `Register` that names it (see `shared/work/duty.py`). From
it follow streams and facts, orders, table, list with filters, CSV and paper, the page of one record with its time line,
figures of a span of days, papers of a record, JSON, rights and the words of its time line. Its records travel upward
like every fact; the office above gets the keys.

| file | holds |
| --- | --- |
| declaration | what a register says of itself |
| facts, orders, records | what follows from it: streams and facts, orders, table and questions |
| pages/ | list and record, figures, papers, JSON |

May import `work/common`, orders, projections, accounts and the kit of pages; no other subject. To add a kind of field: a
line in `declaration.column_of`, and a field in the register of tests/architecture/test_cost_of_a_feature.py.
"""
