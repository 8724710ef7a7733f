"""Lists link to the page of a connection that a package above registers."""

from django.urls import reverse

from platforms.panels import ConnectionPage, address_of, connection_pages
from tests.fixtures.world import World, signed_in
from webinarsync import roles

LIST = "/admin/platforms/connection/"


def test_lists_link_to_the_first_registered_page(world: World) -> None:
    connection, operator = world.webinar.connection, signed_in(roles.OPERATORS)
    page = reverse("sync:connection", args=[connection.pk])
    for address in (LIST, reverse("platforms:connect")):
        assert f'href="{page}"' in operator.get(address).content.decode()
    own = f"{LIST}{connection.pk}/change/"
    assert operator.get(own).headers["Location"] == page
    other = ConnectionPage("admin:platforms_connection_history", order=-1)
    with connection_pages.register_temporarily(other):
        address = address_of(connection)
        assert operator.get(own).headers["Location"] == address == f"{LIST}{connection.pk}/history/"
    assert address_of(connection) == page
