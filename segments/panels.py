"""Actions that packages above offer for found contacts.

They register them in a file `segment_panels.py`, which is discovered by its name.
"""

from core.panels import Link, Registry

# Actions for the contacts found; the page posts the conditions as `query`.
found_links: Registry[Link] = Registry()
# Actions for a saved segment: pages about it.
segment_links: Registry[Link] = Registry()
