"""What people wrote into a guestbook, and what others wrote about them."""

from django.db import models

from contacts.models import Contact


class Entry(models.Model):
    """A person's page in the guestbook: one each."""

    contact = models.OneToOneField(Contact, on_delete=models.CASCADE, related_name="+")
    text = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        app_label = "guestbook"
        verbose_name_plural = "guestbook entries"


class Mention(models.Model):
    """A person's address in a text of others."""

    email = models.CharField(max_length=254)

    class Meta:
        app_label = "guestbook"
        verbose_name_plural = "mentions"
