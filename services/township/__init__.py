"""The door of the township tier: what only this tier's people see and do."""
