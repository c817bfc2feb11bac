"""One sentence in several languages, and surnames of several countries, to compare tokenizers on.

The sentence is the first of article 1 of the Universal Declaration of Human Rights (United Nations,
1948), in the translations that the United Nations publish.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["SENTENCES", "SURNAMES"]

SENTENCES: Mapping[str, str] = {
    "English": "All human beings are born free and equal in dignity and rights.",
    "French": "Tous les êtres humains naissent libres et égaux en dignité et en droits.",
    "German": "Alle Menschen sind frei und gleich an Würde und Rechten geboren.",
    "Finnish": "Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan.",
    "Turkish": "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar.",
    "Greek": "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα.",
    "Chinese": "人人生而自由，在尊严和权利上一律平等。",
}
"""By language."""

SURNAMES: Mapping[str, str] = {
    "United States": "Smith Johnson Williams Brown Jones",
    "Poland": "Nowak Kowalski Wiśniewski Wójcik Kowalczyk",
    "Finland": "Korhonen Virtanen Mäkinen Nieminen Mäkelä",
    "Nigeria": "Okafor Adeyemi Okonkwo Balogun Chukwu",
}
"""By country, five surnames that are common there."""
