"""The policy recommendation tracker: the registry, what it adds up to, and the pages that show it."""
