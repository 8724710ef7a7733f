"""A minimal HTTP client for the simulator's tests; it knows only paths and tokens."""

from __future__ import annotations

from typing import Any

import requests

from simulators.gotowebinar.process import SimulatorProcess

ALWAYS = {"fromTime": "2000-01-01T00:00:00Z", "toTime": "2100-01-01T00:00:00Z"}


class Client:
    """Calls with a valid token. Paths begin after ``/G2W/rest/v2``."""

    def __init__(self, simulator: SimulatorProcess) -> None:
        self.simulator = simulator
        self.ready = simulator.ready
        self.http = requests.Session()
        self.sign_in()

    def token(self, **form: str) -> requests.Response:
        """POST /oauth/token with Basic authentication."""
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self.ready["refresh_token"],
            **form,
        }
        client = self.ready["client_id"], self.ready["client_secret"]
        return requests.post(f"{self.ready['auth_url']}/oauth/token", form, auth=client, timeout=30)

    def sign_in(self) -> None:
        """Request a new access token."""
        self.http.headers["Authorization"] = f"Bearer {self.token().json()['access_token']}"

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        """One call; ``path`` may be complete from the root, beginning with ``//``."""
        base = self.simulator.api_url
        url = base + path[1:] if path.startswith("//") else f"{base}/G2W/rest/v2{path}"
        return self.http.request(method, url, timeout=30, **more)

    def get(self, path: str, **query: Any) -> Any:
        """Make a GET request that must answer 200; return its JSON."""
        answer = self.call("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    @property
    def organizer(self) -> str:
        """``/organizers/{key}``."""
        return f"/organizers/{self.ready['organizer_key']}"

    def webinar(self, label: str) -> str:
        """The path of the webinar with this label."""
        found = [one for one in self.simulator.webinars() if one["label"] == label]
        return f"{self.organizer}/webinars/{found[0]['webinarKey']}"

    def new_webinar(self, hours_ahead: int = 48, **more: Any) -> str:
        """The path of a new webinar, so that tests do not share one."""
        start = f"2090-01-01T{hours_ahead % 24:02d}:00:00Z"
        times = [{"startTime": start, "endTime": "2090-01-02T00:00:00Z"}]
        body = {"subject": "A test", "times": times, **more}
        key = self.call("POST", f"{self.organizer}/webinars", json=body).json()["webinarKey"]
        return f"{self.organizer}/webinars/{key}"

    def register(self, webinar: str, email: str, **more: Any) -> requests.Response:
        """POST a registration."""
        body = {"firstName": "Ana", "lastName": "Núñez", "email": email, **more}
        return self.call("POST", f"{webinar}/registrants", json=body)


def key_of(path: str) -> str:
    """The last part of a path."""
    return path.rsplit("/", 1)[1]
