"""The same cases and files in Python, in Node and in a browser."""
