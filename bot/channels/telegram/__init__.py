"""Telegram, through python-telegram-bot's ``Bot``: long polling or webhook."""
