"""The state machine of independence: random histories through the real use cases, judged from the design's own words.

``world`` is what both sides do, ``rules`` picks from it at random, ``seen`` reads the database by plain queries, and
``judging`` holds what it read against the six invariants. Nothing that is judged does the judging.
"""
