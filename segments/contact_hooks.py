"""The contact hooks of saved segments."""

from collections.abc import Mapping

from django.http import QueryDict

from contacts.contact_hooks import ContactHooks, People, register
from contacts.models import Contact
from core.audit import hide_names
from segments.filters import ContactFilter
from segments.models import Segment

# Replaces an erased person in a search, and finds no one.
ERASED = "(erased)"


@register
class SegmentHooks(ContactHooks):
    def scrub(self, people: People) -> Mapping[str, int]:
        """Blank a search that names one of `people` and finds no one else: the segment stays, and
        finds no one. A segment named like one of them is numbered."""
        scrubbed = 0
        for segment in Segment.objects.all():
            query_before, name = segment.query, segment.name
            query = QueryDict(query_before, mutable=True)
            searched = query.get("name", "")
            if people.are_searched_by(searched) and not _finds_others(searched, people):
                query["name"] = ERASED
                segment.query = query.urlencode()
            if people.are_named_in(name):
                segment.name = f"{Segment._meta.verbose_name} {segment.pk}"
            if segment.query != query_before or segment.name != name:
                segment.save(update_fields=["query", "name"])
                hide_names([segment])
                scrubbed += 1
        return {Segment._meta.label: scrubbed}


def _finds_others(searched: str, people: People) -> bool:
    others = Contact.objects.exclude(pk__in=people.ids)
    return bool(ContactFilter({"name": searched}, queryset=others).qs.exists())
