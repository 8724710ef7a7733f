"""Opt-outs, from HubSpot's answers."""

import json

import pytest

from destinations.hubspot import answers
from destinations.hubspot.client import Client
from destinations.hubspot.errors import ServerError
from destinations.hubspot.opt_outs_client import unsubscribed

pytestmark = [pytest.mark.pure, pytest.mark.rule(11)]

ANSWER = b"""{"status": "COMPLETE", "startedAt": "2026-11-25T10:00:00Z", "results": [
 {"subscriberIdString": "a@x.example", "wideStatuses": [
  {"channel": "EMAIL", "status": "SUBSCRIBED", "wideStatusType": "BUSINESS_UNIT_WIDE"},
  {"channel": "EMAIL", "status": "UNSUBSCRIBED", "wideStatusType": "PORTAL_WIDE"}]},
 {"subscriberIdString": "b@x.example", "wideStatuses": [
  {"channel": "EMAIL", "status": "NOT_SPECIFIED", "wideStatusType": "PORTAL_WIDE"}]},
 {"subscriberIdString": "c@x.example", "wideStatuses": [
  {"channel": "EMAIL", "status": "UNSUBSCRIBED", "wideStatusType": "BUSINESS_UNIT_WIDE"}]},
 {"subscriberIdString": "d@x.example", "wideStatuses": null}, {"wideStatuses": [
  {"status": "UNSUBSCRIBED", "wideStatusType": "PORTAL_WIDE"}]}, 7]}"""


def test_only_an_opt_out_of_everything_counts() -> None:
    assert answers.unsubscribed(json.loads(ANSWER)) == {"a@x.example"}


def test_an_answer_without_results_is_none() -> None:
    with pytest.raises(ServerError):
        answers.unsubscribed({"status": "COMPLETE"})


def test_no_one_is_asked_for_with_no_call_and_more_than_a_hundred_are_refused() -> None:
    client = Client("http://127.0.0.1:9", "pat-na1-x")
    assert unsubscribed(client, []) == set()
    with pytest.raises(ValueError, match="100 at once"):
        unsubscribed(client, ["a@x.example"] * 101)
