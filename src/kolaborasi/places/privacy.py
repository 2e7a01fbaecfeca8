"""Fields of this room by what they tell about persons: areas and published counts tell nothing."""

from __future__ import annotations

from kolaborasi.common.classification import Data, Declared

FIELDS: Declared = {
    "Place": {Data.NONE: ("kind", "code", "name", "search_name", "latitude", "longitude")},
    "PlaceCode": {Data.NONE: ("scheme", "code")},
    "Figure": {Data.NONE: ("bucket", "series", "date", "value", "source")},
}
