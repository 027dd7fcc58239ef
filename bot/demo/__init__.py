"""Invented data to try the service with. No person, phone number or firm in it is real."""
