"""Base pages of the platform: layout, home, errors, language switch, health, static files, texts.

Owns: `web/base.html` and its components, the one stylesheet and the few scripts, the request middleware (request id,
security headers, one log line a request, refusals as pages), formats of numbers, money and dates, the text catalogue.
Promises: every page works without JavaScript and without inline script or style; logs and error pages carry no
personal data, no address and no query string; every visible text exists in Indonesian and English.
Leaves to others: pages of a programme (the room's views), list and form behaviour (`common.pages`).
"""
