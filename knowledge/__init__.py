"""The curated base: dated answers with their sources, found however they are asked for."""
