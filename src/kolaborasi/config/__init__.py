"""Configuration: settings, addresses, the web entry point and the embedded database.

The only room that knows every app. It owns no domain word and no table.
"""
