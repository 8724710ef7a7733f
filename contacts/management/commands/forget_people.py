"""manage.py forget_people: the former name of apply_retention."""

from contacts.management.commands.apply_retention import Command

__all__ = ["Command"]
