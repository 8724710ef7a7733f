"""The names of the groups that people who sign in belong to."""

MARKETERS, OPERATORS = "Marketers", "Operators"
