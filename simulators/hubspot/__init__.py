"""A local HubSpot portal: the same paths, shapes and traps, for the demo, tests and benchmarks.

It behaves as HubSpot was seen to behave or is documented to; nothing is taken from HubSpot's own
specifications. Nothing here imports Django or the product, so it also runs as
``python -m simulators.hubspot``.
"""
