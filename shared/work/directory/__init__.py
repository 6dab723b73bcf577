"""The directory: units, which node keeps each, and nodes' keys; facts of the county's log alone.

`unit.py` and `node_entry.py` hold facts and rules, and may import `work/common` alone. What changes the tree
stands in `tree_orders.py`. To add a change: an order here, its rule, its test.
"""
