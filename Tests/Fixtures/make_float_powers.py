"""Writes the powers of five that Sources/PFCSV/Values/FloatText.swift multiplies with.

For each power of ten from 10^-342 to 10^308: the 128 leading bits of 5^q, rounded down; for a
negative q, of its reciprocal, rounded up where 128 bits nearly hold it (q >= -27) and down below.
Daniel Lemire, "Number Parsing at a Gigabyte per Second" (2021), section 5, says why this suffices.

python Tests/Fixtures/make_float_powers.py
"""

import pathlib

TARGET = pathlib.Path(__file__).parents[2] / "Sources/PFCSV/Values/FloatPowers.swift"
LEAST, GREATEST = -342, 308


def leading_bits(exponent: int) -> int:
    """The 128 leading bits of 5^exponent, the highest of them set."""
    if exponent >= 0:
        power = 5**exponent
        excess = power.bit_length() - 128
        return power >> excess if excess > 0 else power << -excess
    power = 5**-exponent
    quotient = (1 << (power.bit_length() + 127)) // power
    return quotient + 1 if exponent >= -27 else quotient


def lines() -> list[str]:
    found = []
    for exponent in range(LEAST, GREATEST + 1):
        bits = leading_bits(exponent)
        assert bits.bit_length() == 128, exponent
        found += [f"0x{bits >> 64:016X}", f"0x{bits & (1 << 64) - 1:016X}"]
    return [", ".join(found[i : i + 4]) for i in range(0, len(found), 4)]


if __name__ == "__main__":
    body = ",\n    ".join(lines())
    TARGET.write_text(
        "// Written by Tests/Fixtures/make_float_powers.py; do not edit.\n\n"
        "/// The 128 leading bits of the powers of five, which the compiler lays out as they are.\n"
        "enum FloatPowers {\n"
        "  /// The exponent of the first power.\n"
        f"  static let least = {LEAST}\n"
        "  /// The exponent of the last power.\n"
        f"  static let greatest = {GREATEST}\n\n"
        "  /// For each exponent the higher word, then the lower.\n"
        f"  static let words: [UInt64] = [\n    {body},\n  ]\n"
        "}\n"
    )
