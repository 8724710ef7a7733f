"""Handing over to HubSpot, the CRM."""
