"""A local GoToWebinar: the same paths, shapes and quirks, for the demo, tests and benchmarks.

Nothing here imports Django or the product's models, so it also runs as
``python -m simulators.gotowebinar``.
"""
