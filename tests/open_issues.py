"""Headlines of the open issues that strict xfails name.

Each such test shows a rule of docs/concepts.md, or a sentence of one, that the product does not
keep yet. It passes once the issue is closed, and then has to lose its mark.
"""

import pytest

FACTS = "Facts: who attended, what they submitted, whatever GoTo's rows look like"
EVERYDAY_WORK = (
    "Everyday work that comes out right: imports, registering, sending, jobs, sign-in, security"
)
SECURITY = "Security: small files, rights that end, sign-in, and what the docs promise"
HUBSPOT = "HubSpot: contacts and participation handed over, nothing overwritten, nobody lost"
INTERFACE = "An interface that a marketer understands at first sight"


def awaits(headline: str) -> pytest.MarkDecorator:
    """Return the mark of a test that fails by an assertion until the issue `headline` is closed."""
    return pytest.mark.xfail(strict=True, raises=AssertionError, reason=headline)
