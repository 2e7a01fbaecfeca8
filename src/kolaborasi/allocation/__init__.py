"""Allocation: the optimiser on live data, from proposal through a person's decision to commitments.

Owns: proposals and their lines, the reason of each line in words, what a plan changes before and after.
Promises: a plan advises and binds nobody; each approved line calls the verb a person would have used, in a transaction
of its own, so that one refusal never undoes another line; a line becomes at most one pledge, however many people
approve it at the same moment; what was refused is kept with its reason.
Leaves to others: how a plan is found (`optimisation`), what a pledge is and whether it is possible (`aid`).
"""
