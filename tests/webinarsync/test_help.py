"""Each page links to the chapter of the guide that helps with it."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from simulators.gotowebinar.process import SimulatorProcess
from tests.fixtures.addresses import addresses
from tests.fixtures.world import World, signed_in
from tests.test_docs import anchors
from webinarsync import roles
from webinarsync.help import CHAPTERS, PAGES, anchor_of, read

pytestmark = [pytest.mark.pure, pytest.mark.django_db]


@pytest.mark.slow
def test_each_page_has_a_link_to_help_of_its_own(
    examples: Mapping[str, object], simulator: SimulatorProcess
) -> None:
    client, seen, without = signed_in(roles.OPERATORS), 0, []
    for name, path in addresses(examples):
        answer: Any = client.get(path)
        if answer.status_code != 200 or not answer.templates:
            continue
        if 'id="nav-sidebar"' not in answer.content.decode():
            continue
        seen += 1
        known = any(name.startswith(page) for page in PAGES)
        if not known or 'ws-help" href="/admin/help/' not in answer.content.decode():
            without.append(name)
    assert without == []
    assert seen > 60


@pytest.mark.parametrize("target", sorted(set(PAGES.values())))
def test_each_chapter_and_heading_is_there(target: str) -> None:
    chapter, _mark, anchor = target.partition("#")
    assert not anchor or anchor in read(chapter).anchors


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_reads_as_its_file(name: str, marketer: Client) -> None:
    answer = marketer.get(f"/admin/help/{name}/")
    assert answer.status_code == 200
    page = answer.content.decode()
    guide = page[page.index("<article") : page.index("</article>")]
    assert "<img" not in guide and ".png" not in guide and ".md" not in guide
    # Nothing that Markdown would have interpreted.
    assert "](" not in guide and "**" not in re.sub(r"<code>.*?</code>", "", guide, flags=re.DOTALL)
    assert read(name).anchors == anchors(settings.BASE_DIR / "docs" / CHAPTERS[name])
    for target, anchor in re.findall(r'href="/admin/help/([\w-]+)/(?:#([\w-]+))?"', guide):
        assert not anchor or anchor in read(target).anchors
    assert "The guide is in English." not in page


def test_links_between_files_lead_to_chapters() -> None:
    guide = read("marketers").html
    assert 'href="/admin/help/exports/"' in guide
    assert 'href="/admin/help/registration-form/#full-webinars"' in guide
    assert anchor_of("Find people to write to") == "find-people-to-write-to"


def test_it_shows_in_french_that_the_guide_is_english(world: World, marketer: Client) -> None:
    page = marketer.get("/admin/help/marketers/", headers={"accept-language": "fr"})
    assert 'class="ws-block ws-guide" lang="en"' in page.content.decode()
    assert page.context["translated"] is False


def test_there_is_no_other_chapter(marketer: Client) -> None:
    assert marketer.get("/admin/help/security/").status_code == 404
