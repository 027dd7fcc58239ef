"""One folder per channel: adapter.py parses and sends, format.py escapes and splits."""
