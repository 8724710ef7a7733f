"""``manage.py simulator``: run a local GoToWebinar for the demo, tests and benchmarks."""

from operations.simulator_command import SimulatorCommand


class Command(SimulatorCommand):
    help = "Run a local GoToWebinar; prints one JSON line when it is ready."
    simulator = "simulators.gotowebinar"
