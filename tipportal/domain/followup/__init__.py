"""The annual follow-up (06): what the handling log says of a period, as tables that bear being read and checked.

``facts`` folds entries, ``figures`` counts, the reports put counts into sections, ``report`` is what they are made of.
What leaves the function passes ``tipportal.domain.suppression`` first.
"""
