"""What every tier shares: five rooms and the node that joins them (see README)."""
