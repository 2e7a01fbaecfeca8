"""Partners: organisations that give, the places they give at, the people who act for them.

Owns: partners and their lifecycle, sites, memberships and the roles they give, agreements; the actor of a request
and the second factor that staff need; the account library's hooks.
Promises: a partner that is not active takes no new commitment, however many verbs run at once (`require_active`);
a role ends with its membership; staff without a second factor have no staff role.
Leaves to others: who a person is (`people`), what a partner gives (the programmes).
"""
