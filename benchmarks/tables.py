"""The names of tables, for hand-written SQL."""

from contacts.models import Activity, AlternateEmail, Consent, Contact, ContactTag, OptOut, Tag
from registration_forms.models import Submission
from webinars.models import Attendance, Registration, Session, Webinar

ACTIVITY = Activity._meta.db_table
ALTERNATE_EMAIL = AlternateEmail._meta.db_table
ATTENDANCE = Attendance._meta.db_table
CONSENT = Consent._meta.db_table
CONTACT = Contact._meta.db_table
CONTACT_TAG = ContactTag._meta.db_table
OPT_OUT = OptOut._meta.db_table
REGISTRATION = Registration._meta.db_table
SESSION = Session._meta.db_table
SUBMISSION = Submission._meta.db_table
TAG = Tag._meta.db_table
WEBINAR = Webinar._meta.db_table
