"""A month of a real county, played through the HTTP doors, one sign-in a clerk.

`intake` turns packaged real requests into petitions, `plan` decides who does what when (a pure
function of seed, days and units), `clerks` are the people's connections, `play` runs the days, and
`reconciliation` compares what was acknowledged with what is kept.

May import the work's words and the packaged data; it meets the network over HTTP only, like everybody.
To add something that people do: an act in `plan.py`; what must be equal afterwards, in `reconciliation.py`.
"""
