"""Identifiers that were replaced by terms that engineers know, and that nothing may bring back."""

import io
import re
import subprocess
import tokenize
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parent.parent
# The former name, and what the same thing is called.
RETIRED = {
    "_ABOUT_SOMEBODY": "_WITH_CONTACT",
    "address_to_allow": "authorization_url",
    "again_at": "retry_at",
    "age_of": "form_age",
    "arrived_at": "first_seen_at",
    "_as_kept": "_normalized",
    "_ask_something": "_probe",
    "_asks_again": "_is_new_request",
    "asks_again": "is_new_request",
    "_attendees_told_of": "_listed_attendees",
    "bridge_check": "start_reconciliation",
    "bridge_people": "reconciliation_people",
    "_bring": "_repair",
    "bring_level": "sync_everything",
    "bring_list": "sync_webinar_list",
    "bring_people": "sync_registrants",
    "bring_speakers": "sync_speakers",
    "bring_webinar": "refresh_webinar",
    "brought_level": "sync_completely",
    "budget_for": "rate_limiter_for",
    "Buried": "Deletion",
    "button_at": "manual_at",
    "by_lane": "by_priority",
    "_came": "_registered",
    "came_from": "referral_source",
    "came_so_far": "attended_so_far",
    "changed_meanwhile": "changed_by_others",
    "_check_product": "_require_product",
    "_check_standing": "_require_connected",
    "checked_or_none": "normalized_or_none",
    "clock_at": "scheduled_at",
    "Comparison": "Reconciliation",
    "ComparisonDifference": "ReconciliationDifference",
    "connect_allowed": "connect_authorized",
    "corrects_own": "corrects_created",
    "each_was_told_once_and_in_order": "assert_each_event_once_and_in_order",
    "error_words": "source_message",
    "everything_about": "personal_data_of",
    "file_of": "build_ics",
    "_first_level": "_first_sync",
    "first_level": "first_synced_at",
    "for_good": "permanent",
    "forgotten_next": "retention",
    "fulfil": "run_pending",
    "further_emails": "alternate_emails",
    "further_id": "alternate_id",
    "FurtherEmail": "AlternateEmail",
    "FurtherEmailFactory": "AlternateEmailFactory",
    "given_all": "submitted_values_all",
    "given_anew": "submitted_anew",
    "given_email_key": "submitted_email_key",
    "given_of_contact": "submitted_values_of_contact",
    "goto_fields": "rejected_fields",
    "goto_words": "platform_message",
    "GoToBroken": "ServerError",
    "GoToError": "PlatformError",
    "has_control_sign": "has_control_character",
    "is_kept": "is_stored",
    "_keep_batch": "_dismiss_batch",
    "keep_form": "refresh_form_fields",
    "_keep_forms": "_refresh_forms",
    "keep_lines": "save_lines",
    "keep_no_shows": "refresh_no_shows",
    "keep_opt_outs": "save_opt_outs",
    "_keep_outcomes": "_save_outcomes",
    "keep_registrant": "save_registrant_key",
    "keep_seats": "refresh_capacity",
    "keep_speakers": "save_speakers",
    "keep_submitted": "save_submitted_values",
    "keep_webhooks": "set_up_webhooks",
    "kept_id": "survivor_id",
    "key_of_given": "submitted_key",
    "Lane": "Priority",
    "_last_level": "_last_sync",
    "last_level": "last_synced_at",
    "Lateness": "Delays",
    "lateness": "delays",
    "Level": "WebinarSync",
    "level_at": "synced_at",
    "_level_in_words": "_freshness_in_words",
    "level_to_the_person": "assert_same_people",
    "Local": "LocalSnapshot",
    "look_at_people": "handle_registrants",
    "look_at_surveys": "handle_surveys",
    "_LOOKED_AT": "_SAMPLE_ROWS",
    "_looked_at": "_scheduled",
    "_LOOKS": "_APPEARANCE",
    "made_at": "created_at",
    "made_by": "created_by",
    "make_comparison": "make_reconciliation",
    "NewOtherRegistrant": "NewAlias",
    "no_shows_written_at": "no_shows_recorded_at",
    "no_turn": "rate_limit_timeout",
    "nobody": "select_nobody",
    "_NOBODY": "_UNKNOWN_ADDRESS",
    "note_deleted": "log_deletion",
    "note_export": "log_export",
    "note_fields": "log_field_changes",
    "NothingWaits": "NoPendingJob",
    "NoTurn": "RateLimitTimeout",
    "other_keys": "alias_keys",
    "other_registrants": "aliases",
    "OtherRegistrant": "RegistrantAlias",
    "own_settings": "my_profile",
    "Patience": "RetryPolicy",
    "Posting": "FormData",
    "promote_by_itself": "auto_promote",
    "queue_comparison": "queue_reconciliation",
    "_read_others": "_read_aliases",
    "Refused": "InvalidRequest",
    "registrants_there": "registrant_count",
    "retrying": "with_retry",
    "said": "message, sentence, text or answer",
    "_said": "_yes_or_no",
    "said_at": "decided_at",
    "said_no": "refused_ids",
    "said_outside_forms": "decided_outside_forms",
    "_say": "_print_result",
    "says": "message",
    "seats_read_at": "capacity_read_at",
    "sender_of": "sender_hash",
    "server_words": "server_message",
    "set_given": "set_submitted",
    "SharedBudget": "SharedRateLimiter",
    "SignInNeeded": "ReauthorizationRequired",
    "SlowDown": "RateLimited",
    "_SOMEBODY_WAITS": "_INTERACTIVE_TRIGGERS",
    "standing": "status",
    "syncs_comparison": "sync_reconciliation",
    "_take_back": "_withdraw_unlisted",
    "take_back": "undo_creation or remove_imported",
    "_take_batch": "_apply_batch",
    "take_bytes": "count_bytes",
    "_take_down": "_add_recipients",
    "_take_in_redis": "_reserve_in_redis",
    "take_over": "apply",
    "take_page": "sync_page",
    "take_row": "count_row",
    "_take_turn": "_claim_refresh",
    "take_turn": "reserve_turn",
    "_taken_over": "_profile_updated",
    "TAKEN_OVER": "PROFILE_UPDATED",
    "TakenIn": "RegisterResult",
    "takes_files": "accepts_files",
    "_tell": "_flash or _write_events",
    "_TELL_EVERY": "_PROGRESS_SECONDS",
    "_tell_hubspot": "_change_in_hubspot",
    "_tell_kept": "_flash_dismissed",
    "tell_not_begun": "flash_not_begun",
    "_tell_registered": "_add_registered",
    "_tell_submitted": "_record_submitted",
    "_tell_taken": "_flash_applied",
    "_tells": "_is_informative",
    "throw_away": "discard",
    "told": "what it is: data, page, report …",
    "_told": "_results",
    "Told": "RecordingReader",
    "_TOLD_AFTER_LINES": "_PROGRESS_EVERY_LINES",
    "told_at": "notified_at",
    "_TOLD_WITH_A_CODE": "_CODE_FIELDS",
    "TOLD_WITHIN": "KNOWN_PEOPLE_WINDOW",
    "try_out": "test_connection_of",
    "view_comparison": "view_reconciliation",
    "wait_turn": "acquire",
    "who_am_i": "fetch_identity",
    "why_nobody": "unreadable_reason",
    "Wish": "OnDemandJob",
    "work_all": "process_due",
    "_work_off": "_process_events",
    "write_lines": "upsert_activities",
    "_write_others": "_write_aliases",
    "write_to_found": "write_to_search",
    "written_at": "created_at",
}
# GoTo's and HubSpot's own words, spoken by servers that know nothing of the product.
_LEFT_OUT = ("simulators/", "tests/simulators/", "tests/test_retired_names.py", "locale/")


@cache
def _used() -> dict[str, str]:
    """Return each identifier of the code, with parts of lookups, and a file in which it stands."""
    listed = subprocess.run(
        ["git", "ls-files", "*.py", "*.html"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found: dict[str, str] = {}
    for name in listed.stdout.split():
        if name.startswith(_LEFT_OUT):
            continue
        text = (ROOT / name).read_text()
        if name.endswith(".html"):
            words = re.findall(r"\w+", " ".join(re.findall(r"\{[{%].*?[%}]\}", text)))
        else:
            tokens = tokenize.generate_tokens(io.StringIO(text).readline)
            words = [token.string for token in tokens if token.type == tokenize.NAME]
        found |= {part: name for word in words for part in (word, *word.split("__"))}
    return found


@pytest.mark.parametrize("name", RETIRED)
def test_a_retired_name_is_used_nowhere(name: str) -> None:
    assert name not in _used(), f"call it {RETIRED[name]} in {_used()[name]}"
