"""Is an explanation true: the pointing game, its controls, and how well pictures match classes."""
