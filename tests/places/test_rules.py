"""Codes, names, schemes, NIK prefixes, distances and the scaling of the wave."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolaborasi.places import rules
from kolaborasi.places.rules import BadCode, Kind, Scheme


@pytest.mark.parametrize(
    ("given_code", "digits"),
    [
        ("31.71.01.1001", "3171011001"),
        ("3171011001", "3171011001"),
        (3171011002.0, "3171011002"),
        (3171011002, "3171011002"),
        ("3171011002.0", "3171011002"),
        (" 31 ", "31"),
        ("LUAR DKI JAKARTA", ""),
        ("", ""),
        (None, ""),
        ("-3171", ""),
        (31.5, "315"),
    ],
)
def test_digits_of_code_in_any_writing(given_code: object, digits: str) -> None:
    assert rules.digits_of(given_code) == digits


@pytest.mark.parametrize(
    ("scheme", "code", "canonical"),
    [
        (Scheme.KEMENDAGRI, "3171", "31.71"),
        (Scheme.KEMENDAGRI, "317101", "31.71.01"),
        (Scheme.KEMENDAGRI, "3171011001", "31.71.01.1001"),
        (Scheme.BPS, "31.71", "3171"),
        (Scheme.BPS, "3173080", "3173080"),
        (Scheme.RW, "31.71.01.1001/012", "31.71.01.1001/012"),
    ],
)
def test_canonical_code_of_scheme(scheme: Scheme, code: str, canonical: str) -> None:
    assert rules.canonical_code(scheme, code) == canonical


@pytest.mark.parametrize(
    ("scheme", "code"),
    [
        (Scheme.KEMENDAGRI, "3173080"),
        (Scheme.BPS, "317308"),
        (Scheme.KEMENDAGRI, ""),
        (Scheme.KEMENDAGRI, "31888888"),
        (Scheme.RW, "31.71.01.1001/12"),
        (Scheme.RW, "3171011001/012"),
    ],
)
def test_canonical_code_refuses_what_is_no_code(scheme: Scheme, code: str) -> None:
    with pytest.raises(BadCode):
        rules.canonical_code(scheme, code)


def test_parent_code_walks_up_from_rw_to_province() -> None:
    walk = ["31.71.01.1001/012"]
    while (above := rules.parent_code(Scheme.KEMENDAGRI, walk[-1])) is not None:
        walk.append(above)
    assert walk == ["31.71.01.1001/012", "31.71.01.1001", "31.71.01", "31.71", "31"]
    kinds = [rules.kind_of(Scheme.KEMENDAGRI, code) for code in walk]
    assert kinds == [Kind.RW, Kind.KELURAHAN, Kind.KECAMATAN, Kind.CITY, Kind.PROVINCE]


def test_parent_code_of_bps_kelurahan_is_seven_digits() -> None:
    assert rules.parent_code(Scheme.BPS, "3171010001") == "3171010"


@given(st.integers(min_value=1, max_value=999))
def test_rw_code_has_three_digits_and_its_kelurahan_above(number: int) -> None:
    code = rules.rw_code("31.71.01.1001", number)
    assert code == f"31.71.01.1001/{number:03d}"
    assert rules.parent_code(Scheme.RW, code) == "31.71.01.1001"


@pytest.mark.parametrize(
    ("kelurahan", "number"), [("31.71.01.1001", 0), ("31.71.01.1001", 1000), ("31.71.01", 1)]
)
def test_rw_code_refuses_impossible_numbers_and_places(kelurahan: str, number: int) -> None:
    with pytest.raises(BadCode):
        rules.rw_code(kelurahan, number)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("KAB.ADM.KEP.SERIBU", "Kabupaten Administrasi Kepulauan Seribu"),
        ("JAKARTA PUSAT", "Kota Administrasi Jakarta Pusat"),
        ("KOTA ADM. JAKARTA SELATAN", "Kota Administrasi Jakarta Selatan"),
        ("KEP. SERIBU UTARA", "Kepulauan Seribu Utara"),
        ("PALMERAH", "Pal Merah"),
        ("Kel. Kali Baru", "KALIBARU"),
    ],
)
def test_normal_name_is_one_for_variants(left: str, right: str) -> None:
    assert rules.normal_name(left) == rules.normal_name(right)


def test_match_name_takes_misspellings_within_the_kecamatan() -> None:
    tambora = {"31.73.04.1005": "Krendang", "31.73.04.1007": "Angke"}
    assert rules.match_name("KERENDANG", tambora) == rules.NameMatch("31.73.04.1005", exact=False)
    assert rules.match_name("ANGKE", tambora) == rules.NameMatch("31.73.04.1007", exact=True)
    assert rules.match_name("Kampung Tengah", {"a": "Tengah", "b": "Dukuh"}) == rules.NameMatch(
        "a", exact=False
    )


def test_match_name_never_takes_another_point_of_the_compass() -> None:
    # As letters go they are four fifths alike, as much as many a misspelling.
    assert rules.match_name("Kep. Seribu Selatan", {"x": "Kepulauan Seribu Utara"}) is None


def test_match_name_is_undecided_between_equals() -> None:
    assert rules.match_name("Menteng", {"a": "Menteng", "b": "MENTENG"}) is None
    assert rules.match_name("Menteng", {}) is None


def test_display_name_keeps_roman_numerals() -> None:
    assert rules.display_name("KRAMAT  JATI") == "Kramat Jati"
    assert rules.display_name("TANJUNG BATU II") == "Tanjung Batu II"
    assert rules.display_name("Pulau Panggang") == "Pulau Panggang"


@pytest.mark.parametrize(
    ("code", "kemendagri", "bps"),
    [
        ("3171", "Jakarta Pusat", "Jakarta Selatan"),
        ("3172", "Jakarta Utara", "Jakarta Timur"),
        ("3173", "Jakarta Barat", "Jakarta Pusat"),
        ("3174", "Jakarta Selatan", "Jakarta Barat"),
        ("3175", "Jakarta Timur", "Jakarta Utara"),
    ],
)
def test_city_code_of_jakarta_names_another_city_in_bps(code: str, kemendagri: str, bps: str) -> None:
    title = "Kota Administrasi "
    assert rules.names_under(code) == {Scheme.KEMENDAGRI: title + kemendagri, Scheme.BPS: title + bps}
    assert rules.is_ambiguous(code)


def test_code_is_not_ambiguous_where_schemes_agree() -> None:
    assert not rules.is_ambiguous("3101")
    assert not rules.is_ambiguous("31")


def test_province_code_of_papua_is_ambiguous() -> None:
    assert rules.names_under("94") == {Scheme.KEMENDAGRI: "Papua Tengah", Scheme.BPS: "Papua"}
    assert rules.is_ambiguous("94")


def test_scheme_evidence_follows_the_names() -> None:
    bps = [("3171", "JAKARTA SELATAN"), ("3172", "JAKARTA TIMUR"), ("3101", "KEP. SERIBU")]
    evidence = rules.scheme_evidence(bps)
    assert (evidence.kemendagri, evidence.bps, evidence.verdict) == (0, 2, Scheme.BPS)
    assert evidence.clash == ("3171", "Kota Administrasi Jakarta Selatan", "Kota Administrasi Jakarta Pusat")
    kemendagri = rules.scheme_evidence([("3171", "Jakarta Pusat"), ("3174", "Jakarta Selatan")])
    assert kemendagri.verdict == Scheme.KEMENDAGRI


def test_scheme_evidence_is_undecided_without_names_or_with_contrary_ones() -> None:
    assert rules.scheme_evidence([("3171", ""), ("3172", "?")]).verdict is None
    contrary = [("3171", "Jakarta Pusat"), ("3172", "Jakarta Timur")]
    assert rules.scheme_evidence(contrary).verdict is None


def test_nik_prefix_of_jakarta_reads_kemendagri() -> None:
    area = rules.area_by_nik_prefix("317101")
    assert area == rules.NikArea(
        "Daerah Khusus Ibukota Jakarta", "Kota Administrasi Jakarta Pusat", "Gambir", current=True
    )


def test_nik_prefix_of_a_former_code_is_known_and_marked() -> None:
    area = rules.area_by_nik_prefix("920501")
    assert area == rules.NikArea("Papua Barat", "Kab. Raja Ampat", "Misool (Misool Utara)", current=False)


def test_nik_prefix_tolerates_unknown_district_and_regency_but_not_province() -> None:
    dki, pusat = "Daerah Khusus Ibukota Jakarta", "Kota Administrasi Jakarta Pusat"
    assert rules.area_by_nik_prefix("317199") == rules.NikArea(dki, pusat, None, current=False)
    assert rules.area_by_nik_prefix("319901") == rules.NikArea(dki, None, None, current=False)
    assert rules.area_by_nik_prefix("990101") is None
    assert rules.area_by_nik_prefix("3171") is None
    assert rules.area_by_nik_prefix("31710x") is None


def test_known_area_prefixes_hold_all_of_indonesia() -> None:
    prefixes = rules.known_area_prefixes()
    # 38 provinces, 514 regencies, 7,285 districts of 2025, and 26 and 269 former codes.
    lengths = {length: sum(len(prefix) == length for prefix in prefixes) for length in (2, 4, 6)}
    assert lengths == {2: 38, 4: 514 + 26, 6: 7285 + 269}


def test_distance_between_monas_and_bandung() -> None:
    # 119.4 km between (-6.1754, 106.8272) and (-6.9175, 107.6191), by the spherical law of cosines.
    from math import acos, cos, radians, sin

    a, b = (-6.1754, 106.8272), (-6.9175, 107.6191)
    cosine = sin(radians(a[0])) * sin(radians(b[0])) + cos(radians(a[0])) * cos(radians(b[0])) * cos(
        radians(b[1] - a[1])
    )
    assert rules.distance_km(a, b) == pytest.approx(6371.0088 * acos(cosine), rel=1e-9)
    assert rules.distance_km(a, a) == 0


def test_scale_new_cases_is_the_ratio_of_fourteen_day_sums() -> None:
    june = [4144, 4737, 4894, 5582, 5014, 3220, 4693, 7505, 6934, 9271, 9393, 8348, 7379, 7680]
    july = [7379, 7680, 7541, 9399, 9701, 10485, 10902, 9439, 9365, 12974, 13111, 12920, 13133, 14622]
    ratio = rules.scale_new_cases(from_date=date(2021, 6, 30), to_date=date(2021, 7, 12))
    assert ratio == Fraction(sum(july), sum(june)) == Fraction(148651, 88794)
    assert float(ratio) == pytest.approx(1.67411, abs=1e-5)


def test_scale_new_cases_refuses_days_outside_the_series() -> None:
    with pytest.raises(KeyError):
        rules.scale_new_cases(from_date=date(2021, 5, 5), to_date=date(2021, 7, 12))
