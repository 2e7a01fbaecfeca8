"""Hospitals: one network of beds. A patient is placed in the right bed; nobody is sent to a bed that is gone.

Owns: hospitals and their part in the network, beds by class with every report of them, referrals and placements,
follow-up of people isolating at home, ambulance requests, oxygen cylinders.
Promises: a bed is promised once and a patient has one bed, both held by the database; every number of beds comes with
the time it was seen; the queue is counted and shown like the beds; a test result is never a gate for an emergency.
Leaves to others: who a patient is (`people`: here only the pseudonymous id), which partner may act (`partners`), how
goods move (`stock`), deciding on a plan line by line (`allocation`).
"""
