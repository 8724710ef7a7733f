"""A local HubSpot portal: the same paths, shapes and quirks, for the demo, tests and benchmarks.

It behaves as HubSpot was observed to or is documented to; nothing is copied from HubSpot's
specifications. Nothing here imports Django or the product, so it also runs as ``python -m
simulators.hubspot``.
"""
