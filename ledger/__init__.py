"""Service counts: record, reverse, close a month, report."""
