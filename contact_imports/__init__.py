"""Contacts from files: read, understood column by column, checked, written, and undone."""
