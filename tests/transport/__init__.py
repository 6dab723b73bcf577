"""How facts travel: wires, topics, inbox and outbox, on real media."""
