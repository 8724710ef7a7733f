"""An app that is unknown to the product's code: see test_contact_hooks."""
