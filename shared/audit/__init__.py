"""Checking a node as a whole: `huiyin verify` recomputes chains, trees, signatures and projections.

May import the node and everything it is made of; no subject and no page. To add a check: a generator of findings in
`verify.py` or `signatures.py`, and a case in tests/tamper.
"""
