"""Local servers that implement the contracts of other systems, for the demo, tests and benchmarks.

Nothing here imports Django or the product.
"""
