"""Internal people in the comparison of the two lists."""

import pytest
from django.utils import timezone

from sync.models import Reason, Reconciliation, Side
from sync.reconciliation import report
from sync.reconciliation.differences import compare
from tests.factories import ContactFactory, RegistrationFactory
from tests.fake_goto import FakeGoTo, make_webinar
from webinars import internal
from webinars.models import InternalAddress


@pytest.mark.rule(8, 9)
def test_an_internal_person_on_one_list_only_is_reported_as_internal(
    db: None,
) -> None:
    """Alan is on both lists, Grace cancelled, Linus was registered here and waits."""
    goto, webinar = FakeGoTo(), make_webinar()
    for name in ("ada", "alan", "grace"):
        goto.register(f"{name}@example.com", timezone.now())
    goto.panelists = [{"email": f"{name}@example.com"} for name in ("alan", "grace")]
    goto.sync(webinar)
    del goto.registrants[2]
    goto.sync(webinar)
    linus = ContactFactory.create(email="linus@example.com")
    RegistrationFactory.create(contact=linus, webinar=webinar, overflow=True)
    InternalAddress.objects.create(text="linus@example.com")
    internal.refresh_all(at_most=60)
    goto.register("new@example.com", timezone.now(), registrantKey="300")
    with goto.in_place():
        compared = compare(webinar, goto.client())
    found = {(item.email, item.reason, item.side) for item in compared.differences}
    assert found == {
        ("grace@example.com", Reason.INTERNAL, Side.HERE),
        ("linus@example.com", Reason.INTERNAL, Side.HERE),
        ("new@example.com", Reason.NEW, Side.PLATFORM),
    }
    assert compared.adds_up
    assert (compared.here, compared.both, compared.on_platform) == (4, 2, 3)
    assert (compared.here, Reason.INTERNAL.value) == (webinar.registrations.count(), "internal")
    shown = Reconciliation(here=compared.here, on_platform=compared.on_platform, both=compared.both)
    built = report.build(shown, compared.counts, sync_enabled=True)
    assert built.adds_up
    [step] = [step for step in built.less if step.count]
    assert (step.reason, step.count) == (Reason.INTERNAL, 2)
    assert "speak at this webinar" in step.why
    assert report.explain(Reason.WALK_IN, sync_enabled=True)
