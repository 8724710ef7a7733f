"""The activity of the demo: people register and cancel, a webinar starts and ends."""

from __future__ import annotations

import asyncio
import random

from .forms import Answers
from .goto import GoTo, Room
from .happenings import fill_session
from .people import someone
from .records import Session, Webinar
from .schedule import blank

HOUR = 3600
LIVE_FOR = 4
"""Events between a webinar's going live and its end: some minutes at an event a minute."""
FEWEST_AHEAD = 3
LEFT_ALONE = ("full", "empty")
NEVER_LIVE = ("required", "approval")
"""Labels of seeded webinars that stay what they are, however long the demo runs."""


class Life:
    """One random event at a time."""

    def __init__(self, goto: GoTo) -> None:
        self.goto = goto
        self.chance = random.Random(f"{goto.account.seed}/{goto.account.keys_issued}")
        self.events = 0

    async def go_on(self, seconds: float) -> None:
        """Create an event about every ``seconds``, until cancelled."""
        while True:
            await asyncio.sleep(seconds * self.chance.uniform(0.5, 1.5))
            self.step()

    def step(self) -> str:
        """Do one random thing and return what: "registered", "cancelled", "live", "ended",
        "scheduled" or "nothing"."""
        self.events += 1
        if self.events % LIVE_FOR == 0:
            return self._move_on()
        ahead = self._ahead()
        if not ahead:
            return self._schedule()
        webinar = self.chance.choice(ahead)
        if self.chance.random() < 0.25 and len(webinar.registrants) > 5:
            person = self.chance.choice(webinar.registrants)
            self.goto.cancel(webinar.key, person.key)
            return "cancelled"
        return self._register(webinar)

    def _ahead(self) -> list[Webinar]:
        now = self.goto.now()
        return [
            webinar
            for webinar in self.goto.listed()
            if not webinar.is_over(now) and webinar.label not in LEFT_ALONE
        ]

    def _register(self, webinar: Webinar) -> str:
        if webinar.is_full():
            return "nothing"
        room = self.goto.room(webinar.key)
        for _ in range(20):
            who = someone(self.chance.randrange(5000), self.goto.account.seed)
            if who.email.casefold() not in room.by_email:
                answers = Answers(who.email, who.first_name, who.last_name, dict(who.fields))
                self.goto.admit(room, answers)
                return "registered"
        return "nothing"

    def _move_on(self) -> str:
        """End the live session; if there is none, start the next webinar that has registrants."""
        live = [webinar for webinar in self.goto.listed() if webinar.is_live()]
        for webinar in live:
            self.goto.end_session(webinar.key, self._fill)
            webinar.times = [*webinar.times[:-1], (webinar.times[-1][0], self.goto.now())]
            self.goto.changed_webinar(webinar.key)
        if live:
            return "ended"
        next_ones = [webinar for webinar in self._ahead() if webinar.label not in NEVER_LIVE]
        with_people = [webinar for webinar in next_ones if webinar.registrants]
        if len(next_ones) < FEWEST_AHEAD or not with_people:
            return self._schedule()
        webinar = min(with_people, key=lambda one: one.times[-1])
        now = self.goto.now()
        webinar.times = [*webinar.times[:-1], (now, now + HOUR)]
        self.goto.start_session(webinar.key)
        return "live"

    def _fill(self, room: Room, session: Session) -> None:
        fill_session(self.chance, room.webinar, session)

    def _schedule(self) -> str:
        """Create a webinar some days ahead, so that the demo always has upcoming ones."""
        start = self.goto.now() + self.chance.randrange(24, 240) * HOUR
        subject = f"Office hours {self.chance.randrange(2, 99)}: bring your questions"
        self.goto.add_webinar(
            blank(self.goto, self.goto.account.first, subject, [(start, start + HOUR)])
        )
        return "scheduled"
