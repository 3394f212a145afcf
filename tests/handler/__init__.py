"""The handler face: pages and JSON API on a real database, with the Python envelope in the browsers' place."""
