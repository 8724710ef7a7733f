"""Portals of HubSpot, and what was handed over to them."""

from destinations.models.portal import Portal

__all__ = ["Portal"]
