"""The app of Django's admin in this project."""

from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig


class AdminConfig(DjangoAdminConfig):
    """Django's admin with our site as the default one."""

    default_site = "webinarsync.admin_site.AdminSite"
