"""Whether two listed households are one: names, keys and scores; pure, no database, no secret.

Record linkage in the standard order of the field (Christen, Data Matching, 2012): blocking by keys, comparison by levels,
classification by a Fellegi-Sunter score into same, review and different.
"""
