"""Raw exports into the engine: source profiles, files and sheets, the reading of every column."""
