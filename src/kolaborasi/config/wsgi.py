"""WSGI entry point for granian or any other server."""

from kolaborasi.config.database import connect

connect()

from django.core.wsgi import get_wsgi_application  # noqa: E402

application = get_wsgi_application()
