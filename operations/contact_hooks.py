"""How the results of background jobs follow the people whom they name."""

from collections.abc import Mapping

from django_q.models import Task

from contacts.contact_hooks import ContactHooks, People, register


@register
class JobHooks(ContactHooks):
    def scrub(self, people: People) -> Mapping[str, int]:
        """Blank what a failed job said, where it names one of `people`. Jobs are given keys alone,
        but the error that ended one may quote a row."""
        named = [
            pk
            for pk, result in Task.objects.filter(success=False).values_list("pk", "result")
            if people.are_named_in(str(result)) or any(name in str(result) for name in people.names)
        ]
        return {Task._meta.label: Task.objects.filter(pk__in=named).update(result=None)}
