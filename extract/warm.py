"""Imported for what it loads: the word lists of every language, and what is made of them when a first text is read.

The fork server of the workers imports it, so that each of them begins with all of that at hand instead of spending half
a second on its first page.
"""

from __future__ import annotations

from extract.claims import read_claims
from extract.languages import available

for language in available():
    read_claims("12 killed.", published=None, language=language)
