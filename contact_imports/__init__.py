"""Import contacts from files and lists: read, map columns, check, write, and undo."""
