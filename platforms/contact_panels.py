"""What the pages of contacts ask for: who is forgotten next is shown to operators alone."""

from contacts.panels import retention_requirements
from core.panels import Requirement

retention_requirements.register(Requirement("platforms.change_connection"))
