"""Law texts: read from a folder, kept in a store, found by what lay people ask."""
