"""An app only for tests: how the database is emptied between tests."""
