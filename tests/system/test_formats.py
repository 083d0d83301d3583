# SPDX-License-Identifier: BSD-2-Clause
"""Every format, made by one run over real repositories and read by the program
it is meant for; then what selects, limits and local exceptions change."""
import collections
import csv
import ipaddress
import json
import os
import re
import shutil
import subprocess
import time

import pytest

from kedge import Kedge
from site_server import Site, free_port, wait_for
from story import STORIES

FORMATS = ["csv", "csvcompat", "csvext", "csv-rpkiclient", "json", "jsonext",
           "json-rpkiclient", "openbgpd", "bird", "bird1", "bird2", "rpsl", "slurm",
           "slurm2", "summary", "none"]
ZULU = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


def program(name):
    found = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")
    if found is None:
        pytest.skip(f"no {name}")
    return found


class Made:
    """What one run wrote, and what is true."""

    def __init__(self, kedge, tale, folder):
        self.kedge, self.tale, self.folder = kedge, tale, folder
        self.step = tale.steps[0]
        self.vrps = {(int(a[2:]), p, int(n)) for a, p, n, _ in self.step.vrps()}
        self.aspas = {int(c[2:]): sorted(int(p[2:]) for p in ps.split())
                      for c, ps, _ in self.step.aspas()}
        self.keys = {(int(a[2:]), ski, spki)
                     for a, ski, spki, _ in self.step.router_keys()}

    def text(self, name):
        return (self.folder / name).read_text()

    def again(self, *extra, check=True):
        """A run over what is kept; its standard output unless -o is given."""
        return self.kedge.run("vrps", *self.kedge.options(self.tale, self.step),
                              "--noupdate", *extra, check=check)


@pytest.fixture(scope="module")
def made(forge, tmp_path_factory):
    prefix = os.environ.get("KEDGE_PREFIX")
    if prefix is None:
        pytest.skip("kedge is not installed (KEDGE_PREFIX)")
    for name in ("rsync", "nginx", "openssl"):
        program(name)
    top = tmp_path_factory.mktemp("formats")
    top.chmod(0o755)
    with Site(top / "site") as site:
        tale = forge.play(STORIES.parents[2] / "scripts" / "demo.scn",
                          top / "tale", site)
        site.show(tale.steps[0])
        kedge = Kedge(os.path.join(prefix, "bin", "kedge"), top / "cache", site)
        folder = top / "out"
        folder.mkdir()
        outputs = [w for f in FORMATS for w in ("--output", f"{f}={folder / f}")]
        kedge.run("vrps", *kedge.options(tale, tale.steps[0]), *outputs)
    return Made(kedge, tale, folder)


def plain(rows):
    return {(int(r[0].removeprefix("AS")), r[1], int(r[2])) for r in rows}


def test_the_truth_has_every_kind(made):
    assert len(made.vrps) > 30 and made.aspas and made.keys
    assert {ipaddress.ip_network(p).version for _, p, _ in made.vrps} == {4, 6}


def test_one_run_writes_what_many_write(made):
    for name in FORMATS:
        one = made.again("-f", name).stdout
        if name not in ("csv", "csvcompat", "csvext", "csv-rpkiclient", "none"):
            # The time of making is in it.
            one, there = (re.sub(ZULU + r"|\d{10,}|\d\d:\d\d:\d\d", "", t)
                          for t in (one, made.text(name)))
        else:
            there = made.text(name)
        assert one == there, name


def test_metrics(made):
    """For a node exporter's folder: of the run and its set, nothing of a server."""
    began = int(time.time())
    rows = dict(line.rsplit(" ", 1) for line in made.again("-f", "metrics").stdout.splitlines()
                if not line.startswith("#"))
    four = sum(1 for _, prefix, _ in made.vrps if "." in prefix)
    assert int(rows['kedge_payload{type="route_origins_ipv4"}']) == four
    assert int(rows['kedge_payload{type="aspas"}']) == len(made.aspas)
    assert int(rows['kedge_ta_contributed_vrps_total{name="north"}']) == sum(
        1 for vrp in made.step.vrps() if vrp[3] == "north")
    assert int(rows['kedge_last_update_done_timestamp_seconds']) >= began
    assert any(name.startswith("kedge_repository_state{") for name in rows)
    assert not any(name.startswith(("kedge_rtr", "kedge_http", "kedge_serial"))
                   for name in rows)


# --- tables

def test_csv(made):
    rows = list(csv.reader(made.text("csv").splitlines()))
    assert rows[0] == ["ASN", "IP Prefix", "Max Length", "Trust Anchor"]
    assert {tuple(r) for r in rows[1:]} == made.step.vrps()
    assert len(rows) - 1 == len(made.step.vrps())


def test_csvcompat(made):
    lines = made.text("csvcompat").splitlines()
    assert lines[0] == '"ASN","IP Prefix","Max Length","Trust Anchor"'
    for line in lines[1:]:
        assert re.fullmatch(r'("[^"]*"(,|$)){4}', line)
    assert {tuple(r) for r in csv.reader(lines[1:])} == made.step.vrps()


def test_csvext(made):
    rows = list(csv.reader(made.text("csvext").splitlines()))
    assert rows[0] == ["URI", "ASN", "IP Prefix", "Max Length", "Not Before",
                       "Not After"]
    assert plain(r[1:] for r in rows[1:]) == made.vrps
    for uri, _, _, _, since, until in rows[1:]:
        assert re.fullmatch(r"rsync://\S+\.roa", uri)
        assert time.strptime(since, "%Y-%m-%d %H:%M:%S") < time.strptime(
            until, "%Y-%m-%d %H:%M:%S")


def test_csv_rpkiclient(made):
    rows = list(csv.reader(made.text("csv-rpkiclient").splitlines()))
    assert rows[0] == ["ASN", "IP Prefix", "Max Length", "Trust Anchor", "Expires"]
    assert {tuple(r[:4]) for r in rows[1:]} == made.step.vrps()
    ends = {r["prefix"]: r["expires"]
            for r in json.loads(made.text("json-rpkiclient"))["roas"]}
    for row in rows[1:]:
        assert int(row[4]) == ends[row[1]]


# --- JSON

def test_json(made):
    top = json.loads(made.text("json"))
    assert list(top) == ["metadata", "roas", "routerKeys", "aspas"]
    assert list(top["metadata"]) == ["generated", "generatedTime"]
    assert time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(
        top["metadata"]["generated"])) == top["metadata"]["generatedTime"]
    assert {(r["asn"], r["prefix"], str(r["maxLength"]), r["ta"])
            for r in top["roas"]} == made.step.vrps()
    assert {(k["asn"], k["SKI"], k["routerPublicKey"], k["ta"])
            for k in top["routerKeys"]} == {
                (a, s, k.rstrip("="), t) for a, s, k, t in made.step.router_keys()}
    assert {(a["customer"], " ".join(a["providers"]), a["ta"])
            for a in top["aspas"]} == made.step.aspas()


def test_json_is_laid_out_as_routinator_does(made):
    lines = made.text("json").splitlines()
    assert lines[:2] == ["{", '  "metadata": {']
    assert re.fullmatch(r'    "generated": \d+,', lines[2])
    assert re.fullmatch(f'    "generatedTime": "{ZULU}"', lines[3])
    assert lines[4:6] == ["  },", '  "roas": [']
    assert re.fullmatch(r'    \{ "asn": "AS\d+", "prefix": "[^"]+", '
                        r'"maxLength": \d+, "ta": "\w+" \},', lines[6])
    assert lines[-2:] == ["  ]", "}"] and made.text("json").endswith("}\n")


SPAN = fr'{{ "notBefore": "{ZULU}", "notAfter": "{ZULU}" }}'
SOURCE = (r' \{ "type": "(roa|cer|aspa)", "uri": "rsync://[^"]+", "tal": "\w+", '
          f'"validity": {SPAN}, "chainValidity": {SPAN}, "stale": "{ZULU}" ' r"\}")
ENTRIES = {
    "roas": r'\{ "asn": "AS\d+", "prefix": "[^"]+", "maxLength": \d+',
    "routerKeys": r'\{ "asn": "AS\d+", "SKI": "[0-9A-F]{40}", '
                  r'"routerPublicKey": "[A-Za-z0-9+/]+"',
    "aspas": r'\{ "customer": "AS\d+", "providers": \["AS\d+"(, "AS\d+")*\]',
}


def test_jsonext_is_laid_out_as_routinator_does(made):
    text = made.text("jsonext")
    top = json.loads(text)
    assert list(top) == ["metadata", *ENTRIES]
    for name, entry in ENTRIES.items():
        body = re.search(fr'\n  "{name}": \[\n(.*?)\n  \]', text, re.S).group(1)
        lines = body.split("\n")
        assert len(lines) == len(top[name])
        for i, line in enumerate(lines):
            comma = "," if i + 1 < len(lines) else ""
            assert re.fullmatch(fr'    {entry}, "source": \[{SOURCE}'
                                fr'(, {SOURCE})*\] \}}{comma}', line), line
    for roa in top["roas"]:
        for source in roa["source"]:
            assert (source["chainValidity"]["notBefore"]
                    >= source["validity"]["notBefore"])
            assert (source["chainValidity"]["notAfter"]
                    <= source["validity"]["notAfter"])


def test_json_rpkiclient(made):
    top = json.loads(made.text("json-rpkiclient"))
    assert {(r["asn"], r["prefix"], r["maxLength"]) for r in top["roas"]} == made.vrps
    assert {(k["asn"], k["ski"], k["pubkey"]) for k in top["bgpsec_keys"]} == made.keys
    assert {a["customer_asid"]: a["providers"] for a in top["aspas"]} == made.aspas
    assert top["metadata"]["vrps"] == len(made.vrps)
    assert re.fullmatch(ZULU, top["metadata"]["buildtime"])
    assert all(isinstance(e["expires"], int)
               for kind in ("roas", "bgpsec_keys", "aspas") for e in top[kind])


def rtr_set(port, folder):
    """What a router is told: VRPs, router keys."""
    dump = folder / "dump.json"
    subprocess.run([program("rtrdump"), "-connect", f"127.0.0.1:{port}",
                    "-rtr.version", "1", "-file", dump], check=True, timeout=60,
                   capture_output=True)
    top = json.loads(dump.read_text())
    keys = top.get("bgpsec_keys") or []
    return ({(int(str(r["asn"]).removeprefix("AS")), r["prefix"], r["maxLength"])
             for r in top["roas"]}, {(k["asn"], k["ski"].upper()) for k in keys})


@pytest.mark.parametrize("name", ["json", "json-rpkiclient"])
def test_stayrtr_tells_routers_the_truth(made, tmp_path, name):
    stayrtr = program("stayrtr")
    port, metrics = free_port(), free_port()
    with open(tmp_path / "log", "wb") as log:
        process = subprocess.Popen(
            [stayrtr, "-cache", made.folder / name, "-checktime=false", "-bind",
             f"127.0.0.1:{port}", "-metrics.addr", f"127.0.0.1:{metrics}",
             "-slurm.refresh=false"], stdout=log, stderr=log)
    try:
        wait_for(port, process)
        vrps, keys = rtr_set(port, tmp_path)
    finally:
        process.terminate()
        process.wait(timeout=10)
    assert vrps == made.vrps, (tmp_path / "log").read_text()
    # Routinator's file has router keys under a name that StayRTR does not read.
    assert keys == ({(a, ski) for a, ski, _ in made.keys}
                    if name == "json-rpkiclient" else set())


# --- routers that read files

ROA_ITEM = re.compile(r"(\S+) (?:maxlen (\d+) )?source-as (\d+) expires (\d+)")
ASPA_ITEM = re.compile(
    r"customer-as (\d+) expires (\d+) provider-as \{ (\d+(?:, \d+)*) \}")


def sections(text):
    """name -> items, of a file with nothing but sets in it."""
    found, name = {}, None
    for line in text.splitlines():
        if name is None:
            if line and not line.startswith("#"):
                name = re.fullmatch(r"(\S+) \{", line).group(1)
                found[name] = []
        elif line == "}":
            name = None
        else:
            assert line.startswith("\t")
            found[name].append(line[1:])
    assert name is None
    return found


def test_openbgpd(made):
    sets = sections(made.text("openbgpd"))
    assert list(sets) == ["roa-set", "aspa-set"]
    vrps, now = set(), time.time()
    for item in sets["roa-set"]:
        prefix, longest, asn, expires = ROA_ITEM.fullmatch(item).groups()
        length = int(prefix.split("/")[1])
        assert longest is None or int(longest) > length
        assert int(expires) > now
        vrps.add((int(asn), prefix, int(longest or length)))
    assert vrps == made.vrps and len(sets["roa-set"]) == len(vrps)
    aspas = {}
    for item in sets["aspa-set"]:
        customer, expires, providers = ASPA_ITEM.fullmatch(item).groups()
        assert int(expires) > now
        aspas[int(customer)] = [int(p) for p in providers.split(", ")]
    assert aspas == made.aspas


def test_bgpd_takes_it(made, tmp_path):
    bgpd = program("bgpd")
    conf = tmp_path / "bgpd.conf"
    aspas = " provider-as " in subprocess.run(
        ["grep", "-ao", " provider-as ", bgpd], capture_output=True, text=True).stdout
    # Before 7.8 it knows no aspa-set: the option for such leaves it out.
    text = made.again("-f", "openbgpd", *([] if aspas else ["--no-aspas"])).stdout
    (tmp_path / "sets").write_text(text)
    conf.write_text(f'AS 64496\nrouter-id 192.0.2.1\ninclude "{tmp_path}/sets"\n')
    conf.chmod(0o600)
    (tmp_path / "sets").chmod(0o600)
    done = subprocess.run([bgpd, "-n", "-v", "-f", conf], capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == 0, done.stderr
    said = done.stdout + done.stderr
    for asn, prefix, longest in made.vrps:
        length = int(prefix.split("/")[1])
        more = f" maxlen {longest}" if longest != length else ""
        assert re.search(f"{re.escape(prefix)}{more} source-as {asn}\\b", said), said
    for customer in made.aspas if aspas else []:
        assert f"customer-as {customer} " in said, said


def bird_tables(socket):
    """The roa tables of a running BIRD."""
    out = subprocess.run([program("birdc"), "-s", socket, "show", "route", "table",
                          "all"], capture_output=True, text=True, timeout=30).stdout
    found = re.findall(r"^(\S+)-(\d+) AS(\d+)\s", out, re.M)
    return {(int(asn), prefix, int(longest)) for prefix, longest, asn in found}


@pytest.mark.parametrize("name", ["bird", "bird2"])
def test_bird_runs_with_it(made, tmp_path, name):
    bird = program("bird")
    text = made.text(name)
    if name == "bird2":
        lines = text.splitlines()
        text = "".join(
            f"roa{d} table r{d};\nprotocol static {{ roa{d} {{ table r{d}; }};\n"
            + "\n".join(line for line in lines if (":" in line) == (d == 6)) + "\n}\n"
            for d in (4, 6))
    conf = tmp_path / "bird.conf"
    conf.write_text("router id 192.0.2.1;\nprotocol device {}\n" + text)
    subprocess.run([bird, "-p", "-c", conf], check=True, timeout=30)
    socket = tmp_path / "s"
    process = subprocess.Popen([bird, "-f", "-c", conf, "-s", socket, "-P",
                                tmp_path / "pid"], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 20
        found = set()
        while found != made.vrps and time.monotonic() < until:
            time.sleep(0.1)
            if socket.exists():
                found = bird_tables(socket)
    finally:
        process.terminate()
        process.wait(timeout=10)
    assert found == made.vrps


@pytest.mark.parametrize("name,word", [("bird1", "roa"), ("bird2", "route")])
def test_bird_lines(made, name, word):
    found = [re.fullmatch(fr"{word} (\S+) max (\d+) as (\d+);", line).groups()
             for line in made.text(name).splitlines()]
    assert {(int(a), p, int(n)) for p, n, a in found} == made.vrps
    assert len(found) == len(made.vrps)


def test_rpsl(made):
    objects = [dict(re.fullmatch(r"([a-z0-9-]+): (.+)", line).groups()
                    for line in part.splitlines())
               for part in re.split(r"\n\n+", made.text("rpsl").strip("\n"))]
    found = set()
    for one in objects:
        names = list(one)
        version = ipaddress.ip_network(one[names[0]]).version
        assert names[0] == {4: "route", 6: "route6"}[version]
        assert names[1:] == ["origin", "descr", "mnt-by", "created", "last-modified",
                             "source"]
        found.add((one["origin"], one[names[0]], one["source"]))
    assert found == {(a, p, f"ROA-{t.upper()}-RPKI-ROOT")
                     for a, p, _, t in made.step.vrps()}


def test_summary_and_none(made):
    assert made.text("none") == ""
    text = made.text("summary")
    parts = re.split(r"^(\w+): $", text, flags=re.M)[1:]
    counts = collections.Counter(row[3] for row in made.step.vrps())
    counts["total"] = len(made.step.vrps())
    assert set(parts[::2]) == set(counts)
    for name, body in zip(parts[::2], parts[1::2]):
        assert f"{counts[name]} final;" in re.search("VRPs: .*", body).group()


# --- selections

def selected(made, *options):
    return plain(csv.reader(made.again(*options).stdout.splitlines()[1:]))


def test_select_by_asn(made):
    want = {v for v in made.vrps if v[0] in (64496, 0)}
    assert selected(made, "-a", "64496", "-a", "AS0") == want != set()
    top = json.loads(made.again("-f", "json", "-a", "64496").stdout)
    assert [a["customer"] for a in top["aspas"]] == ["AS64496"]
    assert top["routerKeys"] == []
    assert json.loads(made.again("-f", "json", "-a", "64504").stdout)["routerKeys"]


def test_select_by_prefix(made):
    point = ipaddress.ip_network("192.168.200.0/25")
    four = {v: ipaddress.ip_network(v[1]) for v in made.vrps if "." in v[1]}
    want = {v for v, net in four.items() if point.subnet_of(net)}
    assert selected(made, "-p", str(point)) == want and len(want) == 2
    area = ipaddress.ip_network("10.1.0.0/16")
    assert selected(made, "-p", str(area)) == set()
    want = {v for v, net in four.items() if net.subnet_of(area)}
    assert selected(made, "-p", str(area), "-m") == want and len(want) > 4
    assert selected(made, "-p", str(area), "-m", "-a", "65536") == want | {
        v for v in made.vrps if v[0] == 65536}


def test_select_kinds(made):
    for options, names in [
            (["--no-route-origins"], ["routerKeys", "aspas"]),
            (["--no-router-keys"], ["roas", "aspas"]),
            (["--no-aspas"], ["roas", "routerKeys"]),
            (["--no-route-origins", "--no-router-keys", "--no-aspas"], [])]:
        top = json.loads(made.again("-f", "json", *options).stdout)
        assert list(top) == ["metadata", *names]
    assert list(sections(made.again("-f", "openbgpd", "--no-aspas").stdout)) == [
        "roa-set"]
    assert selected(made, "--no-route-origins") == set()


@pytest.mark.parametrize("family,limit", [(4, 23), (4, 24), (6, 40), (6, 48)])
def test_limits(made, family, limit):
    want = {v for v in made.vrps
            if ipaddress.ip_network(v[1]).version != family
            or int(v[1].split("/")[1]) <= limit}
    assert selected(made, f"--limit-v{family}-len", str(limit)) == want


# --- local exceptions

@pytest.mark.parametrize("name", ["slurm", "slurm2"])
def test_our_slurm_brings_back_what_filters_remove(made, tmp_path, name):
    ours = json.loads(made.text(name))
    assert ours["slurmVersion"] == (2 if name == "slurm2" else 1)
    everything = ours["validationOutputFilters"]
    everything["prefixFilters"] = [{"prefix": "0.0.0.0/0"}, {"prefix": "::/0"}]
    everything["bgpsecFilters"] = [{"asn": a} for a, _, _ in made.keys]
    if name == "slurm2":
        everything["aspaFilters"] = [{"customerAsn": c} for c in made.aspas]
    (tmp_path / "x.slurm").write_text(json.dumps(ours))
    top = json.loads(made.again("-f", "json-rpkiclient", "-x",
                                tmp_path / "x.slurm").stdout)
    assert {(r["asn"], r["prefix"], r["maxLength"]) for r in top["roas"]} == made.vrps
    assert {(k["asn"], k["ski"], k["pubkey"]) for k in top["bgpsec_keys"]} == made.keys
    assert {a["customer_asid"]: a["providers"] for a in top["aspas"]} == made.aspas
    assert {r["ta"] for r in top["roas"]} == {"N/A"}
    assert not any("expires" in r for r in top["roas"])
    # Version 1 has no ASPAs: those of the repositories stand.
    assert ["expires" in a for a in top["aspas"]] == [name == "slurm"] * len(made.aspas)


def slurm(prefix_filters=(), assertions=()):
    return json.dumps({
        "slurmVersion": 1,
        "validationOutputFilters": {"prefixFilters": list(prefix_filters),
                                    "bgpsecFilters": []},
        "locallyAddedAssertions": {"prefixAssertions": list(assertions),
                                   "bgpsecAssertions": []}}, indent=1)


def test_several_files_are_one_set(made, tmp_path):
    (tmp_path / "a").write_text(slurm([{"prefix": "10.0.0.0/8"}]))
    (tmp_path / "b").write_text(slurm(
        [{"asn": 65536}], [{"asn": 65536, "prefix": "172.16.0.0/12",
                            "maxPrefixLength": 24}]))
    want = {v for v in made.vrps
            if not v[1].startswith("10.") and v[0] != 65536} | {
                (65536, "172.16.0.0/12", 24)}
    assert selected(made, "-x", tmp_path / "a", "-x", tmp_path / "b") == want
    top = json.loads(made.again("-x", tmp_path / "b", "-f", "jsonext").stdout)
    local = [r for r in top["roas"] if r["source"][0]["type"] == "exception"]
    assert [(r["asn"], r["source"]) for r in local] == [
        ("AS65536", [{"type": "exception", "path": str(tmp_path / "b")}])]


@pytest.mark.parametrize("text,place,why", [
    (slurm([{"prefix": "10.0.0.1/8"}]), "6:15", "not a prefix"),
    (slurm([{"asn": "AS1"}]), "6:12", "another type"),
    (slurm([], [{"asn": 1}]), "9:", "there must be a \"prefix\""),
    (slurm([{"prefix": "10.0.0.0/8", "asns": 1}]), "7:", "unknown member"),
    (slurm()[:-3], "", "expected near end of file"),
    ("{}", "1:1", "there must be a \"slurmVersion\""),
], ids=["prefix", "type", "absent", "unknown", "cut", "empty"])
def test_a_mistake_is_refused_with_its_place(made, tmp_path, text, place, why):
    good, bad = tmp_path / "good.slurm", tmp_path / "bad.slurm"
    good.write_text(slurm([{"prefix": "10.0.0.0/8"}]))
    bad.write_text(text)
    (tmp_path / "out").write_text("as it was")
    done = made.again("-x", good, "-x", bad, "-o", tmp_path / "out", check=False)
    assert done.returncode == 1
    assert f"bad.slurm:{place}" in done.stderr and why in done.stderr, done.stderr
    assert (tmp_path / "out").read_text() == "as it was"


def test_files_that_overlap_are_refused(made, tmp_path):
    (tmp_path / "a").write_text(slurm([{"prefix": "10.0.0.0/8"}]))
    (tmp_path / "b").write_text(slurm([], [{"asn": 1, "prefix": "10.2.0.0/16"}]))
    done = made.again("-x", tmp_path / "a", "-x", tmp_path / "b", check=False)
    assert done.returncode == 1 and done.stdout == ""
    assert (f"{tmp_path}/b: prefixAssertions[0] (10.2.0.0/16) overlaps "
            f"{tmp_path}/a: prefixFilters[0] (10.0.0.0/8)") in done.stderr
    done = made.again("-x", tmp_path / "a", "-x", tmp_path / "a", check=False)
    assert done.returncode == 1 and f"{tmp_path}/a: named twice" in done.stderr
