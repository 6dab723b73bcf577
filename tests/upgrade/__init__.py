"""Networks that earlier releases made, started by today's program, and tiers of two releases at work together."""
