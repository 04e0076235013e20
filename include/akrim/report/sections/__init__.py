"""The report's sections, a module each, which the registry finds by their SECTION."""
