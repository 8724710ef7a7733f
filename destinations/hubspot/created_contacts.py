"""Interpret HubSpot's responses to the creation of contacts as a `CreateResult`."""

from collections.abc import Mapping, Sequence
from typing import Any

from destinations.hubspot import answers
from destinations.hubspot.errors import Refusal
from destinations.hubspot.records import CreateResult, NewContact


def is_answered(each: NewContact, result: CreateResult) -> bool:
    """Return whether `result` has an outcome for a contact."""
    outcomes = (result.created, result.existing, result.refused)
    return any(each.trace_id in of for of in outcomes)


def read_created(
    body: Mapping[str, Any], inputs: Sequence[NewContact], result: CreateResult
) -> None:
    """Add the response to a batch to `result`."""
    traces = {each.trace_id for each in inputs}
    by_email = {each.properties.get("email", ""): each.trace_id for each in inputs}
    for row in answers.rows_of(body):
        made = answers.contact(row)
        trace = answers.text(row.get("objectWriteTraceId")) or by_email.get(made.email, "")
        if trace in traces and made.id:
            result.created[trace] = made.id
    for failed in answers.errors_in(body):
        for trace in answers.context_values(failed, "objectWriteTraceId"):
            if trace in traces and trace not in result.created:
                words = answers.text(failed.get("message"))
                read_refusal(trace, words, answers.refusals_of(failed)[0], result)


def read_refusal(trace: str, words: str, refusal: Refusal, result: CreateResult) -> None:
    """Add to `result` why a contact was not created: it exists, by the message, or was refused."""
    if contact_id := answers.existing_id(words):
        result.existing[trace] = contact_id
    else:
        result.refused[trace] = refusal
