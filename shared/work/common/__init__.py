"""What every subject and the engine share: facts and streams, the tree of units, calendar, limits, words.

Pure Python: no clock, no I/O, no ids made here. May import the standard library and `eventsourcing.domain`,
nothing else of ours. To add a word, a limit or a refusal that several subjects need: a line here; what one
subject needs alone lives with it.
"""
