"""Responses to signed-in users are in no cache: pages, exports and JSON."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.db import transaction

from simulators.gotowebinar.process import SimulatorProcess
from tests.fixtures.addresses import addresses
from tests.fixtures.world import signed_in
from webinarsync import roles

# The content of an answer is independent of the database.
pytestmark = [pytest.mark.django_db, pytest.mark.pure, pytest.mark.slow]


def test_no_private_page_is_cached_by_a_browser_or_a_proxy(
    examples: Mapping[str, object], simulator: SimulatorProcess
) -> None:
    client = signed_in(roles.OPERATORS)
    asked, cacheable = 0, []
    for name, path in addresses(examples):
        for method in ("get", "post"):
            with transaction.atomic():
                answer: Any = getattr(client, method)(path)
                transaction.set_rollback(True)
            if answer.status_code >= 400:
                continue
            asked += 1
            if "no-store" not in answer.headers.get("Cache-Control", ""):
                cacheable.append(f"{method} {name}")
    assert cacheable == []
    assert asked > 60
