"""The permission for the data-retention page, which only operators see."""

from contacts.panels import retention_requirements
from core.panels import Requirement

retention_requirements.register(Requirement("platforms.change_connection"))
