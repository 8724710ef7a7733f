"""What the people who run an installation look at: probes, metrics, and a doctor."""
