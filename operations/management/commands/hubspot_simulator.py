"""``manage.py hubspot_simulator``: run a local HubSpot for the demo, tests and benchmarks."""

from operations.simulator_command import SimulatorCommand


class Command(SimulatorCommand):
    help = "Run a local HubSpot portal; prints one JSON line when it is ready."
    simulator = "simulators.hubspot"
