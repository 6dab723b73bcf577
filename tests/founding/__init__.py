"""Making a network: what is checked before, what is left behind, which rights a node carries away."""
