# SPDX-License-Identifier: BSD-2-Clause
"""Every break that the forge knows, on every kind of object: the fault that
breaks.txt names, once, at the object's URI, and nothing else is lost."""
import json
import os
import pathlib
import random
import subprocess

import pytest

TABLE = pathlib.Path(__file__).with_name("breaks.txt")
GROUPS = {"signed": "roa asa gbr tak spl mft".split(), "certs": ["cer", "router"]}
KINDS = ["roa", "asa", "gbr", "tak", "spl", "router", "cer", "mft", "crl"]

# Where a kind's object stands when the break is called NAME.
FILES = {"roa": "alpha/zoo/{}.roa", "asa": "alpha/zoo/{}.asa",
         "gbr": "alpha/zoo/{}.gbr", "tak": "alpha/{}.tak", "spl": "alpha/zoo/{}.spl",
         "router": "alpha/zoo/{}-r.cer", "cer": "alpha/zoo/{}.cer",
         "mft": "alpha/zoo/{}-m.mft", "crl": "alpha/zoo/{}-c.crl"}

# and where it is published, if not there: below the module.
PLACES = {"mft": "alpha/zoo/{0}-m/{0}-m.mft", "crl": "alpha/zoo/{0}-c/{0}-c.crl"}

# What is still valid, but says something else than the forge's truth.
CHANGED = {("roa", "as-zero"), ("router", "as-more")}


def read_table():
    table, name = {}, None
    for line in TABLE.read_text().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        name = line[:24].strip() or name
        row = table.setdefault(name, {})
        for part in line[24:].rstrip(";").split("; "):
            label, kinds = part.split()
            for kind in kinds.split(","):
                for one in GROUPS.get(kind, [kind]):
                    row[one] = label
    return table


def breaks_of(forge):
    lines = subprocess.run([forge.program, "breaks"], check=True, text=True,
                           capture_output=True).stdout.splitlines()
    return list(dict.fromkeys(line.split()[0] for line in lines))


def world(breaks):
    """One object of each kind for each break, and somebody who has no part."""
    yield "anchor alpha 10.0.0.0/8 2001:db8::/32 AS64496-64999 AS100000-199999"
    yield "ca alpha/neighbour 10.255.0.0/16 AS64999"
    yield "roa alpha/neighbour/n AS64999 10.255.0.0/16-24"
    yield "aspa alpha/neighbour/n AS64999 AS1 AS2"
    yield "routerkey alpha/neighbour/n AS64999"
    yield "ca alpha/zoo 10.0.0.0/9 2001:db8::/32 AS64496-64900 AS100000-199999"
    for i, name in enumerate(breaks):
        zoo = f"alpha/zoo/{name}"
        # the break spells out this customer
        customer = 64501 if name == "aspa-self" else 110000 + i
        yield f"roa {zoo} AS{100000 + i} 10.1.0.0/16 10.2.0.0/16 2001:db8::/32"
        yield f"aspa {zoo} AS{customer} AS64496 AS64502"
        yield f"gbr {zoo} Who"
        yield f"tak alpha/{name}"
        yield f"spl {zoo} AS{120000 + i} 10.1.0.0/16 10.2.0.0/16"
        yield f"routerkey {zoo}-r AS{130000 + i}"
        yield f"ca {zoo} 10.3.0.0/16 AS64503"
        yield f"roa {zoo}/x AS{140000 + i} 10.3.0.0/16"
        yield f"ca {zoo}-m 10.4.0.0/16 2001:db8:4::/48 AS64504"
        yield f"roa {zoo}-m/x AS{150000 + i} 10.4.0.0/16"
        yield f"ca {zoo}-c 10.5.0.0/16 AS64505"
        yield f"roa {zoo}-c/x AS{160000 + i} 10.5.0.0/16"
        yield f"roa {zoo}-c/gone AS64505 10.5.0.0/16"
        yield f"revoke {zoo}-c/gone.roa"
        yield f"withdraw {zoo}-c/gone.roa"


def mischief(breaks, table):
    for name in breaks:
        for kind in KINDS:
            target = FILES[kind].format(name)
            label = table[name].get(kind, "~")
            yield f"break {target} {name}"
            if label.startswith("~") and (kind, name) not in CHANGED:
                yield f"valid {target}"
    # a CA without addresses is one, but has none to give
    yield "invalid alpha/zoo/no-ip/x.roa"


def expected(breaks, table):
    faults, oddities = {}, {}
    for name in breaks:
        for kind in KINDS:
            label = table[name].get(kind)
            if kind == "tak" and (label is None or label.startswith("~")):
                label = "tak-several"  # all are in one point
            if label is None:
                continue
            place = PLACES.get(kind, FILES[kind]).format(name)
            into = oddities if label.startswith("~") else faults
            into[place] = [label.lstrip("~")]
    faults["alpha/zoo/no-ip/x.roa"] = ["resources-overclaim"]
    return faults, oddities


class Run:
    """One run of kedge over a story of one step."""

    def __init__(self, forge, site, kedge, folder, lines):
        folder.mkdir()
        story = folder / "story.scn"
        story.write_text("\n".join(lines) + "\n")
        self.tale = forge.play(story, folder / "tale", site)
        self.step = self.tale.steps[0]
        site.show(self.step)
        self.vrps = kedge.vrps(self.tale, self.step, "-o", f"json={folder}/all.json")
        self.all = json.loads((folder / "all.json").read_text())
        self.faults, self.oddities = kedge.findings()

    def rows_of(self, asn):
        return {kind: [row for row in self.all[kind] if asn in json.dumps(row)]
                for kind in ("roas", "aspas", "routerKeys")}


@pytest.fixture
def table(forge):
    known, breaks = read_table(), breaks_of(forge)
    assert set(known) <= set(breaks), "rows of breaks that are not there"
    assert set(breaks) <= set(known), "breaks.txt has no row for these"
    return known


def test_every_break(forge, site, kedge, tmp_path, table):
    breaks = list(table)
    bad = Run(forge, site, kedge, tmp_path / "bad",
              [*world(breaks), *mischief(breaks, table)])
    faults, oddities = expected(breaks, table)
    assert bad.faults == faults
    assert bad.oddities == oddities
    kept = {row for row in bad.vrps if row[0] != "AS0"}
    assert kept == bad.step.vrps(), kedge.stderr
    keys = {row["asn"] for row in bad.all["routerKeys"]}
    truth = {row[0] for row in bad.step.router_keys()}
    assert keys - {f"AS{n}" for n in range(64501, 64511)} == truth
    assert ({row["customer"] for row in bad.all["aspas"]} ==
            {row[0] for row in bad.step.aspas()})
    # who stands beside all that is told the same to the last octet
    neighbours = bad.rows_of("AS64999")
    assert [len(rows) for rows in neighbours.values()] == [1, 1, 1]


def undone(*both):
    """What the one takes away, the other puts back."""
    return any("extra-" + one.rpartition("no-")[2] == other
               for one, other in (both, both[::-1]))


def pairs(table, count):
    """Two wrongs for each name and kind, of different faults."""
    dice = random.Random(int(os.environ.get("KEDGE_BREAKS_SEED", "1")))
    for i in range(count):
        for kind in KINDS:
            rows = [(name, row[kind]) for name, row in table.items()
                    if not row.get(kind, "~").startswith("~")]
            one, other = dice.sample(rows, 2)
            if kind != "tak" and one[1] != other[1] and not undone(one[0], other[0]):
                yield f"two{i}", kind, (one, other)


def test_two_breaks(forge, site, kedge, tmp_path, table):
    """Of two wrongs in one object the one or the other is told, and once."""
    chosen = list(pairs(table, 40))
    run = Run(forge, site, kedge, tmp_path / "two", [
        *world(dict.fromkeys(name for name, _, _ in chosen)),
        *(f"break {FILES[kind].format(name)} {wrong}" for name, kind, both in chosen
          for wrong, _ in both)])
    faults = {place: labels for place, labels in run.faults.items()
              if labels != ["tak-several"]}
    wanted = {PLACES.get(kind, FILES[kind]).format(name): (both, {b[1] for b in both})
              for name, kind, both in chosen}
    assert faults.keys() == wanted.keys()
    for place, (both, labels) in wanted.items():
        assert len(faults[place]) == 1 and faults[place][0] in labels, (both, faults[place])
    assert run.vrps == run.step.vrps(), kedge.stderr
