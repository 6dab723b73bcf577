"""What every office's computer shows of itself: signing in, accounts, its state, parked messages, proofs, restores.

May import accounts, the proof's refusals and the log's tables; no matter. To add a page: a route, its right, a template.
"""
