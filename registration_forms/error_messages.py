"""The names of form fields as message parameters."""

from core import messages
from registration_forms.fields import FIELD_TEXTS

messages.register(FIELD_TEXTS)
