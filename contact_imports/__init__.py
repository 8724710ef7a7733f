"""Contacts from files: read, understood column by column, checked, and written all or nothing."""
