"""Whole lives of a county's matters over five years, made with the product's own aggregates, and databases filled with them.

`places` is the real county, `pen` puts what an office decides into the envelope that its node would have recorded,
`life` and `handling` are the ways a matter can take, `reports` the days between, `years` all of it in the order of
time. `filling` lets nodes of the three tiers take the facts, and `kept` keeps the filled networks for all runs.

To add something that happens to matters: a step in `handling`, with its share.
"""
