"""What every room stands on: clock, config, database, texts, outbox. Imports nothing of ours."""
