"""The door of the county tier: what only this tier's people see and do."""
