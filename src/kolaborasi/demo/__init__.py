"""Demo: a city to try the platform on, and the doors into it.

Owns: needs estimated from real Covid-19 counts, generated offers calibrated to the published figures of KSBB, visibly
fictitious people and partners, a login without password for each role, a page that shows every outgoing message.
Promises: nothing here can be reached in production or from another machine; the same seed makes the same city; loading
it twice changes nothing; every page says "demonstration data".
Leaves to others: all that is loaded is written by the verbs of the rooms, as a person would.
"""
