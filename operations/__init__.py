"""Tools for operators: health checks, metrics, doctor, backup and the demo."""
