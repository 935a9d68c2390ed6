"""Which outlet a page names as its own: the shapes of ordinary pages, each with the near miss that names nobody."""

import pytest

from rag.article.line_labels import read_page
from rag.article.metadata import find_metadata
from rag.article.outlet_signatures import abbreviates, signed_outlet

LEAD = "Premierul a anunțat marți seara că își dă demisia din funcție, după opt luni de discuții cu partenerii săi."
TITLE = "Premierul pleacă azi din palat"
PAGE = f"{TITLE}\n\n{LEAD}\n\n{LEAD[:-1]}, dar rămâne în parlament."


@pytest.mark.parametrize(
    ("page", "outlet"),
    [
        # A menu begins with the name, where the page names it again; without that it might begin with a section.
        (f"Val - Tiskovna agencija | Novice | Šport\n{PAGE}\n\nwww.val.example", "Val"),
        (f"Diario Milpa | Hidalgo | Seguridad | Nacional\n{PAGE}", "Diario Milpa"),
        (f"Hidalgo | Seguridad | Nacional | Edición impresa\n{PAGE}", None),
        # The domain alone at the very top, or the name in it.
        (f"Crónica24.es\n{PAGE}\n\nCrónica24 no se hace responsable de las opiniones", "Crónica24"),
        (f"Crónica24.es\nOpinión\n{PAGE}", "Crónica24.es"),
        (f"{PAGE}\n\nCrónica24.es", None),
        (f"Canal 6\n{PAGE}\n\nRecent Stories from canal6.example", "Canal 6"),
        (f"Canal 6\n{PAGE}\n\nRecent Stories from canal7.example", None),
        (f"KVRD 6\n{PAGE}\n\nCopyright 2024 KVRD. All rights reserved.", "KVRD 6"),
        (f"KVRD six\n{PAGE}\n\nCopyright 2024 KVRD. All rights reserved.", None),
        # A picture's credit in capitals at the end of its line.
        (f"L'Hexagonal\n{PAGE}\n\nLa mairie, le 30 septembre. HUGO DELAMARE POUR « L'HEXAGONAL »", "L'Hexagonal"),
        (f"L'Hexagonal\n{PAGE}\n\nLa mairie, le 30 septembre, vue de L'Hexagonal", None),
        (
            f"Le Soir du Bocage\n{PAGE}\n\nRaymond et son tracteur dans la cour. | LE SOIR DU BOCAGE",
            "Le Soir du Bocage",
        ),
        # Who writes for it.
        (
            f"FanCronaca\n{PAGE}\n\nLeggi anche\nUn altro titolo di oggi\n\nAna Pop\nÈ redattrice di FanCronaca dal 2019.",
            "FanCronaca",
        ),
        (
            f"FanCronaca\n{PAGE}\n\nLeggi anche\nUn altro titolo di oggi\n\nAna Pop\nÈ lettrice di FanCronaca dal 2019.",
            None,
        ),
        (f"la Tribuna del Paese\nCultura\n{PAGE}", "la Tribuna del Paese"),
        (f"la notte del Paese\nCultura\n{PAGE}", None),
        (f"Revista Pridvor\n{PAGE}", "Revista Pridvor"),
        (f"Revista presei\n{PAGE}", None),  # what others write
        # Whoever is named beside a picture is not the section above the headline.
        (f"Vransko\n{PAGE}\n\nPotok v kraju danes. Foto: Občina Vransko", None),
        (f"Vransko\n{PAGE}\n\nPotok v kraju danes. Foto: Jan Kos/Vransko", "Vransko"),
        # The name before the sign, before the rights, at the head of the imprint.
        (f"{PAGE}\n\nLumina Zilei © 2019–2026", "Lumina Zilei"),
        (f"{PAGE}\n\nTjedni obzor d.o.o. © 2010. - 2026.", "Tjedni obzor"),
        (f"{PAGE}\n\nMarsh Newspapers © 2019–2026", None),  # a company
        (f"{PAGE}\n\nLe Courrier du Littoral, tous droits réservés", "Le Courrier du Littoral"),
        (f"{PAGE}\n\nLe Courrier du Littoral, tous les jours", None),
        (f"{PAGE}\n\nGlas Podravine - tjednik, izlazi četvrtkom. Sva prava pridržana 2024.", "Glas Podravine"),
        (f"{PAGE}\n\nGlas Podravine - tjednik, izlazi četvrtkom i nedjeljom", None),
        (f"{PAGE}\n\nŠportni dan, spletni portal, ISSN 2820-0000", "Športni dan"),
        # Copyright has the long name, the top the short one.
        (f"{TITLE}\nAFN • 21/01/2025 à 10:41\n\n{LEAD}\n\n{LEAD} (AFN)\n\n© Agence francophone de nouvelles", "AFN"),
        (
            f"{TITLE}\nAPM • 21/01/2025 à 10:41\n\n{LEAD}\n\n{LEAD} (APM)\n\n© Agence francophone de nouvelles",
            "Agence francophone de nouvelles",
        ),
        # "With agencies" says an outlet.
        (f"{TITLE}\nPar Le Méridien avec AFP\n\n{LEAD}", "Le Méridien"),
        (f"{TITLE}\nVingtcinq avec agences\n\n{LEAD}", "Vingtcinq"),
        (f"{TITLE}\nVon Jonas Reuter mit dpa\n\n{LEAD}", None),
        (f"{TITLE}\nRedazione con agenzie\n\n{LEAD}", None),
        # A credit, and a second place.
        (f"{PAGE}\n\nPalatul. Foto: Ion Pop pentru Contrapunct\n\n© 2026 Contrapunct Media Group", "Contrapunct"),
        (f"{PAGE}\n\nPalatul. Foto: Ion Pop pentru Contrapunct\n\n© 2026 Marsh Media Group", None),
        (f"{PAGE}\n\nPalatul. Foto: Ion Pop/Reuters\n\nTextele Reuters: toate drepturile rezervate", None),
        (f"{PAGE}\n\nPoplava. Foto: Lejla Horvatić / HRI\n\nHrvatski radijski institut", "HRI"),
        (f"{PAGE}\n\nPoplava. Foto: Lejla Horvatić / HRI\n\nHrvatski plivački savez", None),
        # The address under which "we" are to be reached.
        (f"{PAGE}\n\nWeserbote+\n\nSchicken Sie uns eine E-Mail an meinung@weserbote.example.", "Weserbote"),
        (f"{PAGE}\n\nWeserbote+\n\nE-Mail an pressestelle@weserbote.example", None),  # anybody's
        (f"{PAGE}\n\nSchicken Sie uns eine E-Mail an meinung@weserbote.example.", None),  # nobody writes it as a name
    ],
)
def test_the_outlet_that_a_page_names(page: str, outlet: str | None) -> None:
    assert find_metadata(page, "ro").outlet == outlet


def test_whoever_transmits_a_release_is_the_outlet_not_who_wrote_it() -> None:
    page = (
        f"Meldungsportal\nMenü\nPolizei Hohenlohe\n{PAGE}\n\nOriginal-Content von: Polizei Hohenlohe, übermittelt durch"
    )
    assert find_metadata(f"{page} Meldungsportal aktuell", "de").outlet == "Meldungsportal"


def test_a_name_at_the_top_and_at_the_byline_is_no_headline() -> None:
    page = (
        "Le Courrier du Bocage\nSports\n{}\nLe Courrier du Bocage\nMaëlys Guérinel\nPublié le 03/04/2025 à 18h20\n\n"
        + LEAD
    )
    found = find_metadata(page.format("Orne. À 82 ans, il traverse le département pour retrouver son frère"), "fr")
    assert found.title == "Orne. À 82 ans, il traverse le département pour retrouver son frère"
    assert (found.outlet, found.author) == ("Le Courrier du Bocage", "Maëlys Guérinel")
    again = f"Știri\nPremierul pleacă azi din palat\nPremierul pleacă azi din palat\nAna Pop\n3 aprilie 2025\n\n{LEAD}"
    assert (find_metadata(again, "ro").title, find_metadata(again, "ro").outlet) == (TITLE, None)


@pytest.mark.parametrize(
    ("short", "name", "told"),
    [
        ("HRI", "Hrvatski radijski institut", True),
        ("NWR", "Nordwestrundfunk", True),
        ("AFN", "Agence francophone de nouvelles", True),
        ("AN", "Agence nouvelle", False),  # two letters are anything
        ("NWR", "Norwegen", False),
        ("HRT", "Hrvatski radijski institut", False),
        ("HRI", "", False),
    ],
)
def test_abbreviations(short: str, name: str, told: bool) -> None:
    assert abbreviates(short, name) is told


def test_a_signature_is_written_as_the_page_writes_it() -> None:
    page = f"{PAGE}\n\nLa fontaine (CORENTIN ROUX / ONDES PUBLIQUES)\n\nOndes Publiques vous propose de régler vos cookies."
    assert signed_outlet(read_page(page)) == "Ondes Publiques"
    assert signed_outlet(read_page(page.rpartition("\n\n")[0])) is None
