"""One process that runs nodes: relay, reader, the look around, metrics.

May import nodes and the transport; no subject and no page. To add a duty of the process: a step that takes the time from
outside, called by a loop, so that the simulator can call it too.
"""
