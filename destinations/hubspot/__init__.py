"""Send contacts and participation to HubSpot, the CRM."""
