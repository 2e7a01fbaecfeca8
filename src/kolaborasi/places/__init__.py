"""Places: where things are, and what was published about them.

Owns: administrative areas from province to RW (`Place`), their codes with the scheme each belongs to (`PlaceCode`),
published counts by place, date, series and source (`Figure`), the facts tables and outlines of Jakarta (`facts`),
the area prefixes of every NIK (`rules`).
Promises: a code is never taken without its scheme, since four digits name different cities in BPS and Kemendagri;
a row that belongs to no kelurahan is kept in a bucket of its own; a total that differs from its parts is reported;
a file with broken rows loads nothing unless told to skip them.
Leaves to others: who lives where (`people`), whose site stands where (`partners`), what is needed where (programmes),
rates and forecasts (`indicators`).
"""
