"""The terminal chat: ``ipstation chat``."""
