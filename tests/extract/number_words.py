"""Numbers -> the words of them, in the languages whose number words are tested from one end to the other."""

from __future__ import annotations


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split())


ONES = _listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
TENS = _listed("- - twenty thirty forty fifty sixty seventy eighty ninety")


def english(number: int) -> str:
    """`number`, below a million, in words."""
    if number < 20:
        return ONES[number]
    if number < 100:
        return TENS[number // 10] + (f"-{ONES[number % 10]}" if number % 10 else "")
    size, name, joint = (100, "hundred", " and ") if number < 1000 else (1000, "thousand", " ")
    rest = number % size
    return f"{english(number // size)} {name}" + (joint + english(rest) if rest else "")


DE_UNO = _listed(
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
    "dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete "
    "veintiocho veintinueve"
)
DECENAS = _listed("- - - treinta cuarenta cincuenta sesenta setenta ochenta noventa")
CENTENAS = _listed(
    "- ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"
)


def spanish(number: int) -> str:
    """`number`, below a thousand, in words."""
    if number < 30:
        return DE_UNO[number]
    if number < 100:
        return DECENAS[number // 10] + (f" y {DE_UNO[number % 10]}" if number % 10 else "")
    if number == 100:
        return "cien"
    return CENTENAS[number // 100] + (f" {spanish(number % 100)}" if number % 100 else "")


UNITES = _listed(
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit "
    "dix-neuf"
)
DIZAINES = _listed("- - vingt trente quarante cinquante soixante")


def french(number: int) -> str:
    """`number`, below a thousand, in words."""
    if number < 20:
        return UNITES[number]
    if number < 70:
        rest = f"{' et ' if number % 10 == 1 else '-'}{UNITES[number % 10]}" if number % 10 else ""
        return DIZAINES[number // 10] + rest
    if number < 80:
        return "soixante et onze" if number == 71 else f"soixante-{UNITES[number - 60]}"
    if number < 100:
        return "quatre-vingts" if number == 80 else f"quatre-vingt-{UNITES[number - 80]}"
    hundreds = "cent" if number < 200 else f"{UNITES[number // 100]} cent" + ("" if number % 100 else "s")
    return hundreds + (f" {french(number % 100)}" if number % 100 else "")
