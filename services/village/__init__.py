"""The door of the village tier: what only this tier's people see and do."""
