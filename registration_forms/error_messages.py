"""The fields of the form, as parameters of why a registration was refused."""

from core import messages
from registration_forms.fields import FIELD_TEXTS

messages.register(FIELD_TEXTS)
