"""Actions of packages above on the people found are offered to users with permission."""

from django.test import Client

from core.panels import Link
from segments.panels import found_links

FIND = "/contacts/find/"


def test_what_can_be_done_with_those_found_is_offered(marketer: Client) -> None:
    may, may_not = (
        Link(f"Go with {right}", "segments:save_segment", (right,), posts=True)
        for right in ("segments.add_segment", "auth.delete_user")
    )
    with found_links.register_temporarily(may), found_links.register_temporarily(may_not):
        found, select_all, select_nobody = (
            marketer.get(FIND, query).content.decode()
            for query in ({"country": "chile"}, {}, {"country": "nowhere"})
        )
    assert str(may.label) in found and 'value="country=chile"' in found
    # Neither with everyone here, nor with no one.
    assert str(may.label) not in select_all + select_nobody
    assert str(may_not.label) not in found
    assert str(may.label) not in marketer.get(FIND, {"country": "chile"}).content.decode()
