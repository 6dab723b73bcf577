"""What people need to know: handlers, questions, replay and the canonical dump."""
