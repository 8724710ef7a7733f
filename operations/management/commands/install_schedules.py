"""manage.py install_schedules: make the periodic jobs."""

from typing import Any

from django.core.management.base import BaseCommand

from operations import schedules


class Command(BaseCommand):
    help = "Make the periodic jobs that are missing. Run it after each update; twice does no harm."

    def handle(self, *args: Any, **options: Any) -> None:
        made = schedules.install()
        self.stdout.write(f"Installed: {', '.join(made)}." if made else "All were there already.")
