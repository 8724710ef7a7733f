"""The page of a connection."""

from platforms.panels import ConnectionPage, connection_pages

connection_pages.register(ConnectionPage("sync:connection"))
