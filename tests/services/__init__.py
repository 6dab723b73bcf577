"""The doors as a person and a program meet them: real HTTP, real databases, a real browser."""
