"""What can be done with the base: draft, review, publish, expire, import, flag."""
