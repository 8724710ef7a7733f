"""The names of the groups that define roles."""

MARKETERS, OPERATORS = "Marketers", "Operators"
