"""Payment codes: the specification's own sample rebuilds byte for byte, broken copies say what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolaborasi.aid.emvco import BrokenCode, CodeFault, Field, QrisFault, build, checksum, parse, qris_faults

HEAD = (Field("00", "01"), Field("01", "11"))


def qris(**changed: str) -> list[Field]:
    """Fields of a made-up aggregator's QRIS; a changed field is named `f53`, an empty one is left out."""
    values = {
        "26": "0014ID.CO.BANK.WWW0118936000080000000001",
        "51": "0014ID.CO.QRIS.WWW0215ID1020021181745",
        "52": "8398",
        "53": "360",
        "58": "ID",
        "59": "AGREGATOR CONTOH",
        "60": "JAKARTA",
        "61": "10110",
    } | {name[1:]: value for name, value in changed.items()}
    return [*HEAD, *(Field(id_, value) for id_, value in values.items() if value)]


@pytest.fixture(scope="module")
def sample(shared_data: Path) -> str:
    """The sample of the specification, Chinese characters and all."""
    return (shared_data / "qris" / "emvco_sample.txt").read_text(encoding="utf-8").splitlines()[1]


def test_sample_rebuilds_byte_for_byte(sample: str) -> None:
    fields = parse(sample)
    assert build(fields).encode() == sample.encode()
    values = {field.id: field for field in fields}
    assert values["59"].value == "BEST TRANSPORT"
    assert values["64"].parts == (Field("00", "ZH"), Field("01", "最佳运输"), Field("02", "北京"))
    assert sample[-4:] == "A13A"


def test_sample_is_a_code_but_no_qris(sample: str) -> None:
    assert qris_faults(parse(sample)) == [
        *(QrisFault.CURRENCY, QrisFault.COUNTRY, QrisFault.POSTAL_CODE),
        QrisFault.NATIONAL_ID,
    ]


def test_sample_with_any_character_changed_is_refused(sample: str) -> None:
    for at in range(len(sample)):
        other = "1" if sample[at] != "1" else "2"
        with pytest.raises(BrokenCode):
            parse(sample[:at] + other + sample[at + 1 :])


def test_sample_cut_anywhere_is_refused(sample: str) -> None:
    for length in range(len(sample)):
        with pytest.raises(BrokenCode):
            parse(sample[:length])


def test_checksum_is_that_of_the_catalogue_of_crcs() -> None:
    assert checksum("123456789") == "29B1"


@pytest.mark.parametrize(
    ("code", "fault", "at"),
    [
        ("", CodeFault.NO_CRC, 0),
        (build(HEAD)[:-1] + "!", CodeFault.WRONG_CRC, 12),
        (build([Field("00", "02")]), CodeFault.WRONG_START, 0),
        (build([*HEAD, Field("01", "12")]), CodeFault.TWICE, 12),
        (build([*HEAD, Field("26", "0099x")]), CodeFault.CUT_OFF, 16),
        (build([*HEAD, Field("62", "0٣05abcde")]), CodeFault.NOT_DIGITS, 16),
        ("0002010199", CodeFault.CUT_OFF, 6),
        ("000201\ud80063041D0F", CodeFault.UNPRINTABLE, 6),
        ("0" * 513, CodeFault.TOO_LONG, 512),
    ],
)
def test_broken_code_says_what_is_wrong_and_where(code: str, fault: CodeFault, at: int) -> None:
    with pytest.raises(BrokenCode) as refused:
        parse(code)
    assert (refused.value.fault, refused.value.at) == (fault, at)


VISIBLE = st.text(st.characters(codec="utf-8").filter(str.isprintable), min_size=1, max_size=60)
PLAIN_IDS = st.sampled_from(["52", "54", "59", "60", "65"])


@given(st.dictionaries(PLAIN_IDS, VISIBLE))
def test_whatever_is_built_parses_to_the_same(values: dict[str, str]) -> None:
    fields = (*HEAD, *(Field(id_, value) for id_, value in values.items()))
    assert parse(build(fields)) == fields


@pytest.mark.parametrize(("id_", "value"), [("1", "x"), ("ab", "x"), ("10", ""), ("10", "x" * 100)])
def test_field_that_cannot_be_written_is_refused(id_: str, value: str) -> None:
    with pytest.raises(ValueError, match="no field"):
        Field(id_, value)


def test_whole_qris_has_no_faults() -> None:
    assert qris_faults(parse(build(qris()))) == []


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"f53": "840"}, QrisFault.CURRENCY),
        ({"f58": "SG"}, QrisFault.COUNTRY),
        ({"f26": ""}, QrisFault.ACCOUNT),
        ({"f51": "0014ID.CO.QRIS.WWW0203ID1"}, QrisFault.NATIONAL_ID),
        ({"f52": "food"}, QrisFault.CATEGORY),
        ({"f59": "A" * 26}, QrisFault.NAME),
        ({"f60": ""}, QrisFault.CITY),
        ({"f61": "1011"}, QrisFault.POSTAL_CODE),
    ],
)
def test_qris_lacking_something_says_it(changed: dict[str, str], fault: QrisFault) -> None:
    assert qris_faults(parse(build(qris(**changed)))) == [fault]
