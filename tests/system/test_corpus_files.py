# SPDX-License-Identifier: BSD-2-Clause
"""Files that other projects test with, given to the installed program: local
exceptions, TALs, constraints, single objects."""
import csv
import ipaddress
import json
import pathlib
import re
import subprocess

import pytest

from corpus import corpus, program  # noqa: F401
from kedge import Kedge, clean
from site_server import Site
from story import STORIES

# A world with something for each filter of the corpus to bite on.
WORLD = """
anchor alpha 0.0.0.0/0 ::/0 AS0-4294967295
ca alpha/one 0.0.0.0/0 ::/0 AS0-4294967295
"""


@pytest.fixture(scope="module")
def world(forge, program, tmp_path_factory, corpus):
    top = tmp_path_factory.mktemp("files")
    text = WORLD
    for number, (asn, prefix) in enumerate(sorted(touched(corpus))):
        text += f"roa alpha/one/r{number} AS{asn} {prefix}\n"
    story = top / "world.scn"
    story.write_text(text)
    with Site(top / "site") as site:
        tale = forge.play(story, top / "tale", site)
        site.show(tale.steps[0])
        kedge = Kedge(program, top / "cache", site)
        kedge.vrps(tale, tale.steps[0])
    return kedge, tale


# --- SLURM

def slurms(folder):
    return sorted(p for p in (folder / "slurm").rglob("*")
                  if p.suffix in (".json", ".slurm"))


def touched(folder):
    """A pair of AS and prefix for each filter, and its neighbours."""
    found = {(64496, "10.0.0.0/8"), (64497, "2001:db8::/32")}
    for path in slurms(folder):
        for one in json.loads(path.read_text())["validationOutputFilters"].get(
                "prefixFilters", []):
            asn, net = one.get("asn", 65551), one.get("prefix", "198.51.100.0/24")
            found |= {(asn, net), (65552, net), (asn, "203.0.113.0/24")}
    return found


# Meant as valid by who made them, and wrong by the letter; kedge says where.
NO_SKI = "not 20 octets as 27 characters of base64url"  # RFC 8416 3.3.2
NO_KEY = "not a whole SubjectPublicKeyInfo"  # RFC 8416 3.4.2
WRONG = {
    "gortr/test.slurm.json": 'there must be a "bgpsecAssertions"',  # RFC 8416 3.2
    "stayrtr/test.slurm.json": 'there must be a "bgpsecAssertions"',
    "hivedc/rpki-exceptions.json": "not a prefix",  # 170.39.196.X/28, a template
    "routinator/full.json": NO_SKI,  # of three letters, for tests
    "rpki-validator-3/slurm1.json": NO_SKI,
    "rpki-prover/slurm1.json": NO_SKI,
    "rtrtr/exceptions.json": NO_SKI,
    "stayrtr/slurm.json": NO_SKI,
    "rpki-rs/full.json": NO_KEY,  # "blubb"
    # customerAsid, from before the ASPA draft said customerAsn
    "rpki-rs/full_v2.json": 'unknown member "customerAsid"',
}


def applied(vrps, rules):
    """RFC 8416 in eight lines: what is left of these, and what is added."""
    def hit(vrp, rule):
        net = ipaddress.ip_network(vrp[1])
        over = ipaddress.ip_network(rule.get("prefix", vrp[1]))
        return (vrp[0] == rule.get("asn", vrp[0]) and net.version == over.version
                and net.subnet_of(over))
    left = {v for v in vrps if not any(
        hit(v, r) for r in rules["validationOutputFilters"]["prefixFilters"])}
    return left | {
        (a["asn"], str(ipaddress.ip_network(a["prefix"])),
         a.get("maxPrefixLength", int(a["prefix"].split("/")[1])))
        for a in rules["locallyAddedAssertions"]["prefixAssertions"]}


def test_slurm(world, corpus):
    kedge, tale = world
    step = tale.steps[0]
    truth = {(int(a[2:]), p, int(n)) for a, p, n, _ in step.vrps()}
    files = slurms(corpus)
    assert len(files) == 12
    for path in files:
        done = kedge.run("vrps", *kedge.options(tale, step), "--noupdate", "-x", path,
                         check=False)
        name = str(path.relative_to(corpus / "slurm"))
        if name in WRONG:
            assert done.returncode == 1 and done.stdout == ""
            assert re.search(re.escape(str(path)) + r":\d+:\d+: " +
                             re.escape(WRONG[name]), done.stderr), done.stderr
            continue
        assert done.returncode == 0, f"{path}\n{done.stderr}"
        found = {(int(r[0][2:]), r[1], int(r[2]))
                 for r in csv.reader(done.stdout.splitlines()[1:])}
        wanted = applied(truth, json.loads(path.read_text()))
        assert found == wanted, path


# --- TALs

def verdict(kedge, path):
    """The fault of a TAL; None when it is taken."""
    done = subprocess.run([kedge.program, "--no-rir-tals", "--tal", path,
                           "--tal-label", f"{path.stem}=it", "-r", kedge.cache,
                           "vrps", "--noupdate"],
                          capture_output=True, text=True, timeout=60)
    clean(done.stderr)
    found = re.search(re.escape(str(path)) + r"(?::\d+)?: (tal-[a-z0-9]+): ", done.stderr)
    assert found or "repository-not-held" in done.stderr, done.stderr
    return found and found[1]


def shape(text):
    """The fault that RFC 8630 2.2 finds in a TAL by its shape alone."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for line in lines:
        if not line:
            return None
        if re.fullmatch(r"MII[A-Za-z0-9+/=]+", line):
            return "tal-blank"  # RFC 6490: the key follows at once
        if not re.fullmatch(r"(rsync|https)://[^/ ]+/\S*[^/]", line):
            return "tal-uri"  # keys and values of another validator, http:, blanks
    return "tal-blank"


def test_tals(world, corpus):
    kedge, _ = world
    files = sorted((corpus / "tals").rglob("*.tal"))
    assert len(files) == 101
    found = {p: verdict(kedge, p) for p in files}
    assert found == {p: shape(p.read_text()) for p in files}
    assert 40 < sum(why is None for why in found.values()) < 60


def test_constraints(world, corpus, tmp_path):
    """rpki-client's own: each is read, and holds the anchor to something."""
    kedge, tale = world
    step = tale.steps[0]
    for path in sorted((corpus / "tals" / "constraints").glob("*.constraints")):
        folder = tmp_path / path.stem
        folder.mkdir()
        (folder / "alpha.constraints").write_text(path.read_text())
        done = kedge.run("vrps", *kedge.options(tale, step), "--noupdate",
                         "--constraints-dir", folder)
        left = set(map(tuple, csv.reader(done.stdout.splitlines()[1:])))
        assert left < step.vrps(), path


# --- single objects

# rpki-client 9.8 reads CMS in BER; what is published now is DER (RFC 6488 2).
BER = {"openbsd-regress/Kn3R14fXk-TIr1bhl9Tu2Sr2uhM.mft",
       "openbsd-regress/ripe-ncc-ta.mft", "rpki-rs/ca1.mft", "rpki-rs/ta.mft",
       "rpki-rs/example-ripe.roa", "ripe-monitoring/Q8uCW6eAw7tnl2QxNmQTf50fxAg.mft",
       "rpki-validator-3/g11HohjaKcA9vAJV9LrYPq1bKZQ.roa"}

# It only warns where the checklist speaks of what its certificate has not.
WARNED = {"rpki-rs/koen-mismatch.sig": "rsc-uncovered"}

# What it refuses and we do not, looked at alone.
TAKEN = {
    # It takes a trust anchor only together with its TAL.
    "openbsd-regress/AfriNIC.cer", "openbsd-regress/apnic-rpki-root-iana-origin.cer",
    "rpki-commons-interop/apnic-rpki-root-iana-origin-includes-policy-with-cps.cer",
    "rpki-ta-0/ripe-ncc-pilot.cer", "rpki-validator-2/ta.cer",
    # It does not know GBRs (RFC 6493).
    "openbsd-regress/LMrbiOIR4bDInnBEXLsY5MZ1q1U.gbr",
    "openbsd-regress/jkpjwLmZhnrotSqF7o9qqEzSOXs.gbr",
    "ripe-monitoring/5GzpWH5N-vMm_nh7A93VwzaW4zk.gbr",
    "rpki-prover/ClF4YOBviAEnwFokhNG1NXBZjEA.gbr",
    "rpki-prover/VZgMGXDlMc_DQX3QkQKbaQ0K8vM.gbr",
    # Its manifest's certificate inherits addresses and no AS numbers.
    "rpki-commons-interop/praQSFw521ZTbV9xdb8--UIzAA8.mft",
    # Whether it is signed by itself shows with the issuer at hand.
    "openbsd-regress/AS945.asa",
}


@pytest.fixture(scope="module")
def idents(corpus):
    with open(corpus / "objects" / "IDENT.tsv") as f:
        return {row["file"]: row["rpki-client-9.8"] == "parsed"
                for row in csv.DictReader(f, delimiter="\t")
                if (corpus / "objects" / row["file"]).suffix not in (".ccr", ".tal")}


@pytest.fixture(scope="module")
def inspected(program, corpus, tmp_path_factory):
    folder = corpus / "objects"
    files = sorted(p for p in folder.rglob("*") if p.suffix in (
        ".asa", ".cer", ".cert", ".crl", ".gbr", ".mft", ".roa", ".sig", ".spl", ".tak"))
    done = subprocess.run([program, "-r", tmp_path_factory.mktemp("none"), "inspect",
                           "-j", *files], capture_output=True, text=True, timeout=300)
    clean(done.stderr)
    found = {}
    for line in done.stdout.splitlines():
        one = json.loads(line)
        name = str(pathlib.Path(one["name"]).relative_to(folder))
        found[name] = one["fault"]["label"] if one["validation"] == "rejected" else None
    assert len(found) == len(files) > 130
    return found


def test_objects(inspected, idents):
    judged = {name: good for name, good in idents.items() if name in inspected}
    assert len(judged) > 100
    for name, good in judged.items():
        if name in BER:
            assert inspected[name] == "der-length"
        elif name in WARNED:
            assert good and inspected[name] == WARNED[name]
        elif name in TAKEN:
            assert not good and inspected[name] is None
        else:
            assert (inspected[name] is None) == good, (name, inspected[name])


def test_keys_that_are_no_router_certificates(inspected):
    found = {why for name, why in inspected.items() if name.startswith("nist-bgpsec")}
    assert found == {"signature-algorithm"}  # they are signed by a P-256 key


# --- VRPs of others: RFC 6811 states as FRR has them

def test_states_as_frr_has_them(world, corpus, tmp_path):
    kedge, tale = world
    frr = corpus / "vrp-exports" / "frr"
    with open(frr / "vrps.csv") as f:
        asserted = [{"asn": int(r[0][2:]), "prefix": r[1], "maxPrefixLength": int(r[2])}
                    for r in list(csv.reader(f))[1:]]
    (tmp_path / "x").write_text(json.dumps({
        "slurmVersion": 1,
        "validationOutputFilters": {"bgpsecFilters": [], "prefixFilters": [
            {"prefix": "0.0.0.0/0"}, {"prefix": "::/0"}]},
        "locallyAddedAssertions": {"bgpsecAssertions": [],
                                   "prefixAssertions": asserted}}))
    judged = 0
    for state in ("valid", "invalid", "notfound"):
        table = json.loads((frr / f"bgp_table_rpki_{state}.json").read_text())
        for prefix, routes in table.get("routes", {}).items():
            asn = routes[0]["path"].split()[-1]
            done = kedge.run("validate", *kedge.options(tale, tale.steps[0]),
                             "--noupdate", "-x", tmp_path / "x", "-j",
                             "-a", asn, "-p", prefix)
            route = json.loads(done.stdout)["validated_route"]
            assert route["validity"]["state"].replace("-", "") == state, prefix
            judged += 1
    assert judged == 3
