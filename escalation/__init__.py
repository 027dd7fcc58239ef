"""Tickets: a hard question, from a person who asked it to the people who answer it."""
