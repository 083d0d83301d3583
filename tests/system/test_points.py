# SPDX-License-Identifier: BSD-2-Clause
"""Publication points, one wrong in one way each, all in one repository: each
has the fault the specifications ask for, once, and the others notice nothing.

ALL: both ROAs stand. ONE: the second one. NONE: nothing without memory; who saw
the point when it was right goes on with that until it runs out (RFC 9286 6.6).
"""
import base64
import calendar
import re
import time
from types import SimpleNamespace

import pytest

from test_faults import access

ALL, ONE, NONE = "all", "one", "none"


def name(octets):
    """A manifest's file name, as DER."""
    return f"16{len(octets):02x}{octets.hex()}"


def renamed(octets, fault="manifest-name"):
    return NONE, [f"set C.mft file.a.roa.name {name(octets)}"], {"P.mft": fault}


def point(fault, *lines, at="P.mft"):
    return NONE, list(lines), {at: fault}


def one(fault, *lines, at="a.roa"):
    return ONE, list(lines), {at: fault}


def fine(*lines, noted=None):
    """Legal, however odd it looks; what the forge marked invalid is not."""
    return ALL, list(lines), {k: "~" + v for k, v in (noted or {}).items()}


LONGEST = "0214" + "7f" + "ff" * 19  # 2^159 - 1
MIRROR = b"rsync://mirror.example.net/r/x".hex()
MIRROR = f"86{len(MIRROR) // 2:02x}{MIRROR}"
MIRROR_OBJECT = "302a06082b0601050507300b" + MIRROR
NULL_SHA256 = "300d06096086480165030402010500"

# C: the CA; P: its name, after which its manifest and CRL are called.
CASES = {
    # RFC 9286 4.2.2: names
    "name-utf8": renamed("ä.roa".encode()),
    "name-slash": renamed(b"x/y.roa"),
    "name-up": renamed(b"../y.roa"),
    "name-dots": renamed(b".."),
    "name-nul": renamed(b"a\0.roa"),
    "name-newline": renamed(b"a\n.roa"),
    "name-escape": renamed(b"\x1b[31m.roa"),
    "name-percent": renamed(b"%2e%2e.roa"),
    "name-backslash": renamed(b"a\\b.roa"),
    "name-space": renamed(b"a b.roa"),
    "name-empty": renamed(b""),
    "name-two-dots": renamed(b"a.b.roa"),
    "name-no-suffix": renamed(b"aroa"),
    "name-suffix-only": renamed(b".roa"),
    "name-short-suffix": renamed(b"a.ro"),
    "name-long-suffix": renamed(b"a.roas"),
    "name-upper-suffix": renamed(b"a.ROA"),
    "name-digit-suffix": renamed(b"a.ro1"),
    "name-dash-first": fine("roa C/-x ASB NET"),
    "name-charset": fine("roa C/Az09_- ASB NET"),
    "name-case": fine("roa C/A ASB NET"),
    "name-twice": point("manifest-duplicate", "list C/a.roa"),
    # 4.2.1: number, times, list
    "number-zero": fine("set C.mft number int:0", "valid C.mft"),
    "number-longest": fine(f"set C.mft number {LONGEST}", "valid C.mft"),
    "number-2-159": point("manifest-number",
                          "set C.mft number 02150080" + "00" * 19),
    "number-empty": point("der-integer", "set C.mft number 0200"),
    "next-update-9999": fine("set C.mft nextUpdate gentext:99991231235959Z",
                             "valid C.mft"),
    "hash-short": point("manifest-digest", "set C.mft file.a.roa.hash 030300ffff"),
    "hash-bits": point("manifest-digest",
                       "set C.mft file.a.roa.hash 032101" + "fe" * 32),
    "hash-octets": point("der-tag", "set C.mft file.a.roa.hash 0420" + "00" * 32),
    "no-crl": point("manifest-crl", "drop C.mft file.P.crl"),
    "two-crls": point("manifest-crl", "file C/other.crl 3000"),
    "itself": point("manifest-self", "list C/P.mft"),
    # 6.4, 6.5: all that is listed is there
    "hidden": point("manifest-file-missing", "hide C/a.roa", at="a.roa"),
    "altered": point("manifest-file-hash", "alter C/a.roa", at="a.roa"),
    "hidden-crl": point("manifest-file-missing", "hide C.crl", at="P.crl"),
    "altered-crl": point("manifest-file-hash", "alter C.crl", at="P.crl"),
    "ghost": point("manifest-file-missing", "list C/ghost.xyz", at="ghost.xyz"),
    "not-there": point("manifest-missing", "hide C.mft"),
    "unlisted": fine("file C/loose.roa 00", "unlist C/loose.roa"),
    "unknown-kind": fine("file C/x.xyz 00", noted={"x.xyz": "object-unknown"}),
    "other-manifest": fine("file C/x.mft 00", noted={"x.mft": "object-unknown"}),
    "checklist": fine("rsc C/x NET", noted={"x.sig": "object-unknown"}),
    # the manifest's certificate and CRL
    "ee-short": fine("set C.mft ee.notAfter utc:+1h", "valid C.mft"),
    "ee-explicit": point("manifest-ee", "set C.mft ee.ip.blocks ips:NET"),
    "ee-revoked": point("chain-revoked", "revoke C.mft"),
    "ee-stranger": point("chain-aki", "signer C.mft alpha"),
    "crl-stranger": point("crl-issuer", "signer C.crl alpha", at="P.crl"),
    "crl-garbage": point("der-truncated", "set C.crl crl 3000", at="P.crl"),
    "manifest-garbage": point("der-tag", "set C.mft cms 00"),
    "manifest-empty-file": point("der-truncated", "drop C.mft cms"),
    "crl-other-updates": fine("set C.crl nextUpdate utc:+9d", "valid C.crl"),
    # 6.6: what is listed and has its hash but is wrong costs itself
    "object-nul": fine("file C/x.roa 00") [:2] + ({"x.roa": "der-tag"},),
    "object-empty": fine("file C/x.asa")[:2] + ({"x.asa": "der-truncated"},),
    "object-cer": fine("file C/x.cer 3000")[:2] + ({"x.cer": "der-truncated"},),
    "object-gbr": fine("file C/x.gbr 3000")[:2] + ({"x.gbr": "der-truncated"},),
    "gbr-title": fine("gbr C/x Who TITLE:CEO")[:2] + ({"x.gbr": "gbr-property"},),
    "gbr-n": fine("gbr C/x Who N:;;;;", noted={"x.gbr": "gbr-name"}),
    "object-signature": one("object-signature", "break C/a.roa cms-signature"),
    "object-stranger": one("chain-aki", "signer C/a.roa alpha"),
    "object-revoked": one("chain-revoked", "revoke C/a.roa"),
    "router-range": fine("routerkey C/k ASA",
                         "set C/k.cer as.ids asns:AS0-4294967295")[:2] +
    ({"k.cer": "cert-router-limit"},),
    # what RFC 6488, 9589, 7935 and 9582 leave open
    "digest-null": fine(f"set C/a.roa cms.digest {NULL_SHA256}", "valid C/a.roa"),
    "signer-digest-null": fine(f"set C/a.roa cms.sdigest {NULL_SHA256}",
                               "valid C/a.roa"),
    "sha256-with-rsa": fine("set C/a.roa cms.sigalg 300d06092a864886f70d01010b0500",
                            "valid C/a.roa"),
    "rsa-without-null": fine("set C/a.roa cms.sigalg 300b06092a864886f70d010101",
                             "valid C/a.roa"),
    "signed-tomorrow": fine("set C/a.roa cms.attr.time.time utc:+900d",
                            "valid C/a.roa"),
    "signed-1999": fine("set C/a.roa cms.attr.time.time utctext:991231235959Z",
                        "valid C/a.roa"),
    "signed-2050": fine("set C/a.roa cms.attr.time.time gentext:20500101000000Z",
                        "valid C/a.roa"),
    "signed-1949": fine("set C/a.roa cms.attr.time.time gentext:19491231235959Z",
                        "valid C/a.roa"),
    "two-object-uris": fine("twice C/a.roa ee.sia.object", "valid C/a.roa"),
    "mirror-of-object": fine(f"before C/a.roa ee.sia.object {MIRROR_OBJECT}",
                             "valid C/a.roa"),
    "mirror-of-manifest": fine(f"before C.mft ee.sia.object {MIRROR_OBJECT}",
                               "valid C.mft"),
    "mirror-of-crl": fine(f"before C/a.roa ee.crldp.uri {MIRROR}", "valid C/a.roa"),
    "mirror-of-manifest-crl": fine(f"before C.mft ee.crldp.uri {MIRROR}",
                                   "valid C.mft"),
    "mirrors-only": one("cms-location", f"set C/a.roa ee.sia.object {MIRROR_OBJECT}"),
    "mirror-crls-only": one("chain-crl-uri", f"set C/a.roa ee.crldp.uri {MIRROR}"),
    "aia-elsewhere": fine("set C/a.roa ee.aia.uri 302f06082b06010505073002" +
                          "8623" + b"rsync://nowhere.example.net/r/x.cer".hex(),
                          "valid C/a.roa"),
    "aia-ocsp-too": fine("before C/a.roa ee.aia.uri 301a06082b06010505073001" +
                         "860e" + b"http://r.test/".hex(), "valid C/a.roa"),
    "aia-ocsp": one("cert-aia", "set C/a.roa ee.aia.uri 301a06082b06010505073001" +
                    "860e" + b"http://r.test/".hex()),
}


def lines_of(text, i, ca):
    for word, meaning in (("ASA", f"AS{100000 + i}"), ("ASB", f"AS{200000 + i}"),
                          ("NET", "10.0.0.0/16")):
        text = text.replace(word, meaning)
    first, _, rest = text.partition(" ")
    target, _, more = rest.partition(" ")
    target = target.replace("C", f"alpha/{ca}", 1).replace("/P.", f"/{ca}.")
    more = more.replace("file.P.", f"file.{ca}.")
    return f"{first} {target} {more}".rstrip()


def world():
    yield "anchor alpha 10.0.0.0/8 AS1-300000"
    yield "ca alpha/beside 10.1.0.0/16"
    yield "roa alpha/beside/n AS7 10.1.0.0/16"
    for i, ca in enumerate(CASES):
        yield f"ca alpha/{ca} 10.0.0.0/16 AS100000-300000"
        yield f"roa alpha/{ca}/a AS{100000 + i} 10.0.0.0/16"
        yield f"roa alpha/{ca}/b AS{200000 + i} 10.0.0.0/16"


def wrongs():
    for i, (ca, (_, lines, _)) in enumerate(CASES.items()):
        for line in lines:
            yield lines_of(line, i, ca)


def expected(sign):
    found = {}
    for ca, (_, _, faults) in CASES.items():
        for place, label in faults.items():
            if label.startswith("~") == (sign == "~"):
                place = place.replace("P.", f"{ca}.")
                found[f"alpha/{ca}/{place}"] = [label.lstrip("~")]
    return found


def asns(kept):
    """AS numbers of ROAs that are to be found; kept(stands) -> which."""
    found = {"AS7"}
    for i, (stands, _, _) in enumerate(CASES.values()):
        which = kept(stands)
        found |= {f"AS{100000 + i}"} if which == ALL else set()
        found |= {f"AS{200000 + i}"} if which in (ALL, ONE) else set()
    return found


@pytest.fixture
def tale(forge, site, tmp_path):
    def make(*lines):
        story = tmp_path / "story.scn"
        story.write_text("now 2026-03-01T00:00:00Z\n" + "\n".join(lines) + "\n")
        return forge.play(story, tmp_path / "tale", site)
    return make


def asns_of(vrps):
    return {row[0] for row in vrps}


def test_seen_for_the_first_time(tale, site, kedge):
    played = tale(*world(), *wrongs())
    site.show(played.steps[0])
    found = kedge.vrps(played, played.steps[0])
    faults, oddities = kedge.findings()
    assert faults == expected("")
    assert oddities == expected("~")
    assert asns_of(found) == asns(lambda stands: stands)


def test_seen_when_right(tale, site, kedge):
    """The last good version stands in, and ends with its own nextUpdate."""
    played = tale(*world(), "step", *wrongs(), "reissue all", "step", "pass 25h",
                  "reissue alpha", "reissue alpha/beside")
    found = []
    for step in played.steps:
        site.show(step)
        found.append((asns_of(kedge.vrps(played, step)), kedge.findings()[0]))
    assert found[0] == (asns(lambda stands: ALL), {})
    back = {"alpha/number-zero/number-zero.mft": ["manifest-number-back"]}
    assert found[1][1] == expected("") | back
    assert found[1][0] == asns(lambda stands: ALL if stands == NONE else stands)
    assert found[2][0] == {"AS7"}


# The moment of the run, the second before it and the second after it.
NOW, BEFORE, AFTER = "260301000000Z", "260228235959Z", "260301000001Z"

# Which field of what, at which of them, and the fault: none where the moment
# itself is still within (RFC 5280 4.1.2.5, RFC 9286 6.3).
EDGES = [
    ("a.roa ee.notAfter", NOW, None), ("a.roa ee.notAfter", BEFORE, "chain-expired"),
    ("a.roa ee.notBefore", NOW, None), ("a.roa ee.notBefore", AFTER, "chain-premature"),
    ("P.mft nextUpdate", NOW, None), ("P.mft nextUpdate", BEFORE, "manifest-stale"),
    ("P.mft thisUpdate", NOW, None), ("P.mft thisUpdate", AFTER, "manifest-premature"),
    ("P.mft ee.notAfter", NOW, None), ("P.mft ee.notAfter", BEFORE, "chain-expired"),
    ("P.crl nextUpdate", NOW, None), ("P.crl nextUpdate", BEFORE, "crl-stale"),
    ("P.crl thisUpdate", NOW, None), ("P.crl thisUpdate", AFTER, "crl-premature"),
    ("P.cer notAfter", NOW, None), ("P.cer notAfter", BEFORE, "chain-expired"),
    ("P.cer notBefore", NOW, None), ("P.cer notBefore", AFTER, "chain-premature"),
]


def test_edges(tale, site, kedge):
    """What begins at this second has begun, what ends at it has not ended."""
    lines, faults, stand = ["anchor alpha 10.0.0.0/8 AS1-65535"], {}, set()
    for i, (field, moment, fault) in enumerate(EDGES):
        ca, (file, name) = f"alpha/e{i}", field.split()
        lines += [f"ca {ca} 10.{i}.0.0/16", f"roa {ca}/a AS{i + 1} 10.{i}.0.0/16"]
        where = f"{ca}/{file}" if file == "a.roa" else file.replace("P", ca)
        written = "gentext:20" if name in ("thisUpdate", "nextUpdate") and \
            file == "P.mft" else "utctext:"
        lines.append(f"set {where} {name} {written}{moment}")
        if fault is None:
            stand.add(f"AS{i + 1}")
        else:
            path = where if file in ("a.roa", "P.cer") else f"{ca}/e{i}{file[1:]}"
            faults[path] = [fault]
    played = tale(*lines)
    site.show(played.steps[0])
    assert asns_of(kedge.vrps(played, played.steps[0])) == stand
    assert kedge.findings() == (faults, {})


@pytest.mark.parametrize("policy", ["warn", "accept"])
def test_end_of_stale(tale, site, kedge, tmp_path, policy):
    """What a stale manifest vouches for lasts no longer than its certificate."""
    played = tale("anchor alpha 10.0.0.0/8 AS64496-64511",
                  "ca alpha/P 10.0.0.0/16", "ca alpha/P/Q 10.0.0.0/17",
                  "roa alpha/P/a AS1 10.0.0.0/16", "roa alpha/P/Q/b AS2 10.0.0.0/17",
                  "break alpha/P.mft stale", "set alpha/P.mft ee.notAfter utc:+1h")
    site.show(played.steps[0])
    begin = calendar.timegm(time.strptime(played.steps[0].at, "%Y-%m-%dT%H:%M:%SZ"))
    ends = tmp_path / "ends.csv"
    for late, stand in ((0, {"AS1", "AS2"}), (3600, {"AS1", "AS2"}), (3601, set())):
        found = kedge.vrps(played, SimpleNamespace(at=begin + late), "--stale", policy,
                           "-o", f"csv-rpkiclient={ends}")
        assert asns_of(found) == stand
        rows = [line.split(",") for line in ends.read_text().splitlines()[1:]]
        assert {row[4] for row in rows} == ({str(begin + 3600)} if stand else set())


@pytest.mark.parametrize("policy", ["reject", "warn", "accept"])
def test_stale(tale, site, kedge, policy):
    played = tale("anchor alpha 10.0.0.0/8 AS64496-64511",
                "ca alpha/mft 10.0.0.0/16", "roa alpha/mft/a AS1 10.0.0.0/16",
                "break alpha/mft.mft stale", "ca alpha/crl 10.1.0.0/16",
                "roa alpha/crl/a AS2 10.1.0.0/16", "break alpha/crl.crl crl-expired",
                "ca alpha/ok 10.2.0.0/16", "roa alpha/ok/a AS3 10.2.0.0/16")
    site.show(played.steps[0])
    found = asns_of(kedge.vrps(played, played.steps[0], "--stale", policy))
    faults = kedge.findings()[0]
    named = {"alpha/mft/mft.mft": ["manifest-stale"], "alpha/crl/crl.crl": ["crl-stale"]}
    assert found == ({"AS3"} if policy == "reject" else {"AS1", "AS2", "AS3"})
    assert faults == ({} if policy == "accept" else named)
    ends = re.findall(r" is past its nextUpdate: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n",
                      kedge.stderr)
    assert len(ends) == (0 if policy == "accept" else 2)


def test_new_name_but_older(tale, site, kedge):
    """A new name frees the number and not the time (RFC 9981 3); what the CA
    was last believed to say still stands (RFC 9286 6.6)."""
    played = tale("anchor alpha 10.0.0.0/8 AS64496-64511",
                  "ca alpha/one 10.0.0.0/16", "roa alpha/one/a AS1 10.0.0.0/16",
                  "ca alpha/ok 10.2.0.0/16", "roa alpha/ok/a AS3 10.2.0.0/16", "step",
                  "rename alpha/one new", "set alpha/one.mft thisUpdate gen:-5h")
    found = []
    for step in played.steps:
        site.show(step)
        found.append((asns_of(kedge.vrps(played, step)), kedge.findings()[0]))
    assert found[0] == ({"AS1", "AS3"}, {})
    assert found[1] == ({"AS1", "AS3"},
                        {"alpha/one/new.mft": ["manifest-time-back"]})


@pytest.mark.parametrize("how", ["older", "gone"])
def test_old_name_again(tale, site, kedge, how):
    """Back under the first name: what counts is what the CA was believed to say
    last, under whatever name (RFC 9286 4.2.1, 6.6)."""
    spoilt = {"older": "set alpha/one.mft thisUpdate gen:-5h", "gone": "hide alpha/one.mft"}
    played = tale("anchor alpha 10.0.0.0/8 AS64496-64511",
                  "ca alpha/one 10.0.0.0/16", "roa alpha/one/a AS1 10.0.0.0/16", "step",
                  "pass 10h", "rename alpha/one new", "roa alpha/one/b AS2 10.0.0.0/16", "step",
                  "pass 1h", "rename alpha/one one", "withdraw alpha/one/b.roa", spoilt[how])
    for step, asns in zip(played.steps, ({"AS1"}, {"AS1", "AS2"}, {"AS1", "AS2"})):
        site.show(step)
        assert asns_of(kedge.vrps(played, step)) == asns
    assert kedge.findings()[0] == {"alpha/one/one.mft": [
        {"older": "manifest-time-back", "gone": "manifest-missing"}[how]]}


TWO_POINTS = ["anchor alpha 10.0.0.0/8 AS1-9 via rrdp",
              "ca alpha/one 10.0.0.0/16 AS1-9", "roa alpha/one/a AS1 10.0.0.0/16",
              "ca alpha/two 10.0.0.0/16 AS1-9", "roa alpha/two/b AS2 10.0.0.0/16"]


def play_two_points(tale, *steps):
    """The key of the one is certified once more, for what lies at the other and
    is signed by it."""
    xml = "".join(p.read_text() for p in tale(*TWO_POINTS).steps[0].folder.rglob("*.xml"))
    octets, = re.findall(r'/two.cer"[^>]*>([^<]+)<', xml)
    name = re.findall(rb"\x55\x04\x03\x13\x28([0-9A-F]{40})", base64.b64decode(octets))[-1]
    there = re.search(r'"(rsync://[^"]*/)two.mft"', xml)[1]
    return tale(*TWO_POINTS, *(f"signer alpha/{file} alpha/one"
                               for file in ("two.mft", "two.crl", "two/b.roa")),
                f"set alpha/two.crl issuer.name printable:{name.decode()}",
                "loop alpha/more alpha/one", "set alpha/more.cer ip.blocks ips:10.0.0.0/16",
                "set alpha/more.cer as.ids asns:AS1-9",
                f"set alpha/more.cer subject.name printable:{name.decode()}",
                f"set alpha/more.cer sia.repo {access(5, there)}",
                f"set alpha/more.cer sia.manifest {access(10, there + 'two.mft')}", *steps)


def test_two_points_of_one_key(tale, site, kedge):
    """Neither manifest is held against the other, and a run that saw both before
    says what the first one did. Where the one is incomplete while the other goes
    on, it stands by its own last one (RFC 9286 6.6)."""
    played = play_two_points(
        tale, "step", "pass 1h", "reissue alpha/one",
        "step", "pass 1h", "reissue alpha/one", "hide alpha/two/b.roa",
        "step", "pass 1h", "reissue alpha/one")
    told = [{"alpha/two/two.mft": ["chain-aki"]}] * 2 + [
        {"alpha/two/b.roa": ["manifest-file-missing"]}] * 2
    for step, faults in zip(played.steps, told):
        site.show(step)
        for _ in range(2):
            assert asns_of(kedge.vrps(played, step)) == {"AS1", "AS2"}, kedge.stderr
            assert kedge.findings()[0] == faults


def test_one_point_left_of_two(tale, site, kedge):
    """The one that issued last is certified no more: the other is held to what it
    said itself, also when it is judged once more without anything remembered."""
    played = play_two_points(tale, "step", "pass 1h", "reissue alpha/two",
                             "step", "pass 1h", "withdraw alpha/more.cer")
    for step in played.steps:
        site.show(step)
        wanted = {"AS1"} if step is played.steps[-1] else {"AS1", "AS2"}
        for options in ([], ["--no-memory"], [], ["--no-memory"], []):
            assert asns_of(kedge.vrps(played, step, *options)) == wanted, kedge.stderr


def test_fault_is_told_once(tale, site, kedge):
    """However many paths lead to a point, below one anchor and another: what is
    wrong there is counted once for each anchor, and told once."""
    played = tale("anchor alpha 10.0.0.0/8 AS1-9", "anchor beta 10.0.0.0/8 AS1-9",
                  "ca alpha/one 10.0.0.0/16 AS1-9", "roa alpha/one/a AS1 10.0.0.0/16",
                  "ca alpha/two 10.0.0.0/15 AS1-9", "roa alpha/two/b AS2 10.1.0.0/16",
                  "loop alpha/two/one alpha/one", "loop beta/one alpha/one",
                  *(f"set {at}/one.cer {field}" for at in ("alpha/two", "beta")
                    for field in ("ip.blocks ips:10.0.0.0/16", "as.ids asns:AS1-9")),
                  "hide alpha/one/a.roa")
    site.show(played.steps[0])
    assert asns_of(kedge.vrps(played, played.steps[0])) == {"AS2"}
    assert kedge.findings()[0] == {"alpha/one/a.roa": ["manifest-file-missing"]}
    assert "kedge: 2 manifest-file-missing (" in kedge.stderr


def test_number_goes_back_after_long(tale, site, kedge):
    """What was believed bars what is older also long after its end."""
    played = tale("anchor alpha 10.0.0.0/8 AS64496-64511",
                  "ca alpha/one 10.0.0.0/16", "roa alpha/one/a AS1 10.0.0.0/16",
                  "number alpha/one 9", "step",
                  "pass 40d", "reissue alpha", "step",
                  "pass 2h", "number alpha/one 3")
    for step, asns in zip(played.steps, ({"AS1"}, set(), set())):
        site.show(step)
        assert asns_of(kedge.vrps(played, step)) == asns
    assert kedge.findings()[0] == {
        "alpha/one/one.mft": ["manifest-stale", "manifest-number-back"]}


def lasts_as_told(kedge, site, played, tmp_path):
    """The one VRP is there until the second that is told with it, and no longer."""
    step, out = played.steps[0], tmp_path / "ends.csv"
    site.show(step)
    assert asns_of(kedge.vrps(played, step, "-o", f"csv-rpkiclient={out}")) == {"AS1"}
    end = int(out.read_text().splitlines()[1].split(",")[4])
    for second, asns in ((end, {"AS1"}), (end + 1, set())):
        assert asns_of(kedge.vrps(played, SimpleNamespace(at=second), "-n")) == asns


@pytest.mark.parametrize("ends", ["ca.mft ee.notAfter utc:+1h", "ca.mft nextUpdate gen:+1h",
                                  "ca.crl nextUpdate utc:+1h", "ca/a.roa ee.notAfter utc:+1h",
                                  "ca.cer notAfter utc:+1h"])
def test_ends_when_it_says(tale, site, kedge, tmp_path, ends):
    """What a VRP rests on first ends is when it is said to end."""
    target = ends.split()[0]
    played = tale("anchor alpha 10.0.0.0/8 AS64496-64511", "ca alpha/ca 10.0.0.0/16",
                  "roa alpha/ca/a AS1 10.0.0.0/16", f"set alpha/{ends}",
                  f"valid alpha/{target}")
    lasts_as_told(kedge, site, played, tmp_path)


@pytest.mark.parametrize("first", ["alpha/one", "alpha/two/one"])
def test_ends_with_the_last_path(tale, site, kedge, tmp_path, first):
    """What two paths lead to holds as long as either of them does."""
    played = tale("anchor alpha 10.0.0.0/8 AS1-9", "ca alpha/two 10.0.0.0/15 AS1-9",
                  "ca alpha/one 10.0.0.0/16 AS1-9", "loop alpha/two/one alpha/one",
                  *(f"set alpha/two/one.cer {field}"
                    for field in ("ip.blocks ips:10.0.0.0/16", "as.ids asns:AS1-9")),
                  "ca alpha/one/kid 10.0.0.0/16 AS1", "ca alpha/one/kid/last 10.0.0.0/16 AS1",
                  "roa alpha/one/kid/last/a AS1 10.0.0.0/16",
                  f"set {first}.cer notAfter utc:+1h")
    lasts_as_told(kedge, site, played, tmp_path)
