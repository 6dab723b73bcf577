"""A node that was put back from a backup takes back what others hold of it.

May import the log and the transport; no subject. To add a step: it must be possible to do it twice.
"""
