"""The contact hooks of the results of background jobs."""

from collections.abc import Mapping

from django_q.models import Task

from contacts.contact_hooks import ContactHooks, People, register


@register
class JobHooks(ContactHooks):
    def scrub(self, people: People) -> Mapping[str, int]:
        """Blank the error of a failed job if it names one of `people`. Jobs get only keys, but an
        error may quote a row."""
        named = [
            pk
            for pk, result in Task.objects.filter(success=False).values_list("pk", "result")
            if people.are_named_in(str(result)) or any(name in str(result) for name in people.names)
        ]
        return {Task._meta.label: Task.objects.filter(pk__in=named).update(result=None)}
