"""Where frameworks are wrapped: one file each, which tells ``_wsgi`` or ``_asgi`` where to stand."""
