"""What both faces stand on: guard, headers, tokens, errors, limits, languages, assets and base templates."""
