"""Formats of vaccination certificates: bytes and plain values, no database.

SMART Health Cards are written and read, WHO DDCC:VS content is written and checked, EU Digital COVID Certificates are
read.
"""
