"""Abbreviations after which a full stop does not end the sentence.

Only those that need something after them (a title before a name, "nr." before a number, "npr." before an example)
are listed. Those that also close sentences ("itd.", "etc.", "d.o.o.") are not: before a lower-case word no sentence
ends anyway.
"""

from __future__ import annotations

from functools import lru_cache

_COMMON = "dr prof mr mrs ms st sv vs no nr vol cf ca fig p pp tel ing mag gen col lt sgt rev hon jr sr i.e e.g"

_ABBREVIATIONS = {
    "ro": "dl d-l dna d-na dlui d-lui dnei d-nei dnii dra d-ra conf univ ing ec arh av lect asist acad gen col lt cpt "
    "mr amb gh tg tr nr art alin lit cap pag pg p str bd bld sos șos bl sc ap et jud sf cca aprox v vol ed vezi cf lb "
    "trad red coord pr ps înv",
    "sl": "g ga gdč gospa dr mag prof doc akad dipl inž univ spec odv sv št čl odst tč str l r npr tj t.j oz t.i ti "
    "gl prim tel faks ul c pribl ok okr max min mio mlrd min dek red izr asist gen polk pod kap por viš vod "
    "im dir n.pr sod mil pos ang nem fr lat rus slov",
    "en": "mr mrs ms messrs mx dr prof st sr jr rev fr hon pres gov sen rep gen col maj capt cmdr lt sgt cpl pvt "
    "adm amb supt det insp vs v no nos fig figs eq sec ch chap pp p vol ed eds cf e.g i.e viz approx est ca c "
    "dept univ mt ft jan feb mar apr jun jul aug sep sept oct nov dec",
    "de": "v n hr fr frl dr prof dipl ing mag med phil jur rer nat hc h.c st nr nrn art abs bd bde kap s ff f vgl bzw "
    "z.b d.h u.a z.t i.d.r o.ä ca etwa evtl ggf inkl exkl mind max sog tel str pl jh jhd mio mrd geb gest "
    "verh red hrsg abb tab anm bsp gem lt jan feb febr mär apr jun jul aug sept okt nov dez",
    "fr": "m mm mme mmes mlle mlles me mes dr drs pr prof st ste sts mgr gén col cap lt cdt n no nos art al chap "
    "vol p pp fig éd cf ex env av bd bld pl fg tél approx c.-à-d janv févr avr juil sept oct nov déc",
    "it": "sig sigg sigra sig.ra sigg dott dott.ssa dottssa dr prof prof.ssa avv ing arch geom rag on sen gen col "
    "cap ten mons don s ss n nn nr art artt co cap p pp pag pagg vol fig tab cfr es ecc p.es v vs ca circa "
    "tel via p.za vl gen feb mar apr mag giu lug ago set ott nov dic",
    "es": "sr sra sres sras srta d dª dr dra dres prof profa lic ing arq abg gral cnel cap tte sgto mons fr sto sta "
    "san núm n nº no art arts cap pág págs p pp vol fig ed cf ej p.ej aprox av avda c pza tel dpto ee vs ene "
    "feb mar abr may jun jul ago sept oct nov dic",
    "hr": "pr g gđa gđica gosp dr mr sc prof doc akad dipl ing oec iur med dent spec sv br čl st str sv tj npr odn o.g "
    "t.j tzv ul tel fax god gl red izv asis gen puk ppuk bojn kap por min max cca ca mil mlrd usp v",
    "pt": "sr sra srs srta dr dra drs prof profa eng arq gen cel cap ten d s sto sta n nº núm art arts pág págs p "
    "pp vol fig ed cf ex av r tel aprox jan fev mar abr jun jul ago set out nov dez",
    "nl": "dhr mevr mw dr drs ir ing mr prof ds jhr st nr art blz p pp vgl bijv bv d.w.z o.a m.n m.b.t i.p.v ca "
    "resp incl excl jan feb mrt apr jun jul aug sept okt nov dec",
    "pl": "p pan dr hab prof mgr inż lek gen płk ppłk mjr kpt por ks bp abp o św nr art ust pkt poz str s ul al pl "
    "os np tj tzw m.in ok por zob tel r w im godz min zł mln mld",
    "cs": "p pí dr doc prof mgr ing bc judr mudr phdr rndr gen plk mjr kpt por sv č čl odst písm str s ul nám tř "
    "tel např tj tzv resp popř cca mil mld kč srov viz",
}  # fmt: skip


@lru_cache(maxsize=64)
def abbreviations(language: str | None) -> frozenset[str]:
    """Return a language's abbreviations, lower-case, without the last full stop.

    For an unknown language only those that are no words anywhere: "art." ends a sentence in English, "nr." in none.
    """
    if language in _ALIASES:
        language = _ALIASES[language]
    if language in _ABBREVIATIONS:
        return frozenset(_ABBREVIATIONS[language].split() + _COMMON.split())
    return frozenset(_COMMON.split())


_ALIASES: dict[str | None, str] = {"bs": "hr", "sr": "hr", "mk": "hr", "sk": "cs", "ca": "es", "lb": "de"}
