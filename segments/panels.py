"""What packages above do with the contacts that conditions find.

They register it in a file `segment_panels.py`, which is found by its name.
"""

from core.panels import Link, Registry

# What can be done with those found; the page posts the conditions there as `query`.
found_links: Registry[Link] = Registry()
# What can be done with a saved segment: pages of it.
segment_links: Registry[Link] = Registry()
