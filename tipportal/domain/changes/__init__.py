"""Changes by two administrators (04, invariant 5): the kinds, who is entitled, and what they do to the register."""
