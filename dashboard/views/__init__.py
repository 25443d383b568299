"""One page a file: read, filter, number, picture, table."""
