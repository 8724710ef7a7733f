"""An app that no code of the product knows: see test_contact_hooks."""
