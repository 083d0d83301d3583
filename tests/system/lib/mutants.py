# SPDX-License-Identifier: BSD-2-Clause
"""Trees of mutants: objects that the forge spoiled by chance and then signed.

Each stands in a CA of its own with resources of its own, beside a ROA that was
left alone, so that what a validator thinks of it shows in what it says of that
CA alone. Trust anchors and what only they have are in trees of their own.
"""
import ipaddress
import json
import re
import time

import peers
from kedge import FINDING, clean
from stage import BASES, Stage

KINDS = ["roa", "cer", "mft", "crl", "router", "roa", "aspa", "cer", "spl", "mft",
         "cer", "crl", "roa", "router", "gbr", "cer"]
ALONE = 4000  # from this number on a mutant is in a tree of its own
ANCHORS = ["ta", "tak"] * 3  # rpki-client takes eight
NEIGHBOUR = "AS64999"
COMPLAINT = re.compile(r"rpki-client: (?:\.rsync/)?(?:repo\.example\.net/repo|rsync|ta/t\d+)/"
                       r"(\S+?): (.*)")


class Mutant:
    def __init__(self, number, seed, kind):
        self.seed, self.kind = seed, kind
        self.asn = 100000 + 16 * number
        self.v4 = ipaddress.ip_network((0x0a000000 + (number << 8), 24))
        self.v6 = ipaddress.ip_network((0x20010db8 << 96 | number << 80, 48))
        alone = number >= ALONE
        self.shape = 0 if alone else seed // len(KINDS) % 3
        # rpki-client 8.2 has inherit only below what has every address
        self.path = f"alpha/{'all' if self.shape == 2 else 'half'}/m{number}"
        if alone:
            self.path = f"t{number}"
            self.v4 = ipaddress.ip_network((0xac100000 + (number << 8), 24))
        ends = {"cer": ".cer", "ta": ".cer", "mft": ".mft", "crl": ".crl",
                "router": "/v.cer", "aspa": "/v.asa"}
        self.target = self.path + ends.get(kind, f"/v.{kind}")
        # where it is published, below the module
        self.file = self.target
        if kind in ("mft", "crl"):
            self.file = f"{self.path}/m{number}.{kind}"

    def resources(self):
        """Prefixes, ranges that are none, or what the parent has."""
        first, last = f"AS{self.asn}", self.asn + 15
        return [f"{self.v4} {self.v6} {first}-{last}",
                f"{self.v4[0]}-{self.v4[199]} {self.v6[0]}-{self.v6[2 ** 70]} "
                f"{first}-{last - 6} AS{last - 1}",
                "inherit"][self.shape]

    def story(self):
        low, high = list(self.v4.subnets())[0], list(self.v4.subnets(2))[2]
        six = self.v6[0]
        a = [f"AS{self.asn + n}" for n in range(16)]
        word, via = ("anchor", " via rsync") if self.path[0] == "t" else ("ca", "")
        path, victim = self.path, f"{self.path}/v"
        yield f"{word} {path} {self.resources()}{via}"
        yield f"roa {path}/c {a[0]} {low}-28"
        yield from {
            "roa": [f"roa {victim} {a[1]} {low} {high}-27 {six}/64 {six}/70-72"],
            "aspa": [f"aspa {victim} {a[2]} AS64496 AS64502 AS200000"],
            "router": [f"routerkey {victim} {a[3]}"],
            "gbr": [f"gbr {victim} Who"],
            "tak": [f"tak {victim}"],
            "spl": [f"spl {victim} {a[4]} {low} {high} {six}/64"],
            "crl": [f"roa {path}/r {a[5]} {low}", f"roa {path}/s {a[6]} {high}",
                    f"revoke {path}/r.roa", f"revoke {path}/s.roa"],
            "cer": [f"ca {path}/k {low} {a[7]}", f"roa {path}/k/k {a[7]} {low}",
                    f"routerkey {victim} {a[8]}"],
        }.get(self.kind, [])
        yield f"mutate {self.target} {self.seed}"

    def holds(self, payload):
        """Is this about the mutant's resources?"""
        if payload[0] == "vrp":
            net = ipaddress.ip_network(payload[2])
            return net.overlaps(self.v4 if net.version == 4 else self.v6)
        return self.asn <= int(payload[1][2:]) < self.asn + 16


def of_seeds(first, count):
    """Mutants of all kinds."""
    return [Mutant(n, first + n, KINDS[(first + n) % len(KINDS)])
            for n in range(count)] + [
        Mutant(ALONE + n, first + n, kind) for n, kind in enumerate(ANCHORS)]


def story(mutants):
    """One that all of them are in, and somebody who has no part."""
    yield "anchor alpha 0.0.0.0/0 ::/0 AS0-4294967295 via rsync"
    yield "ca alpha/half 10.0.0.0/9 2001:db8::/33 AS100000-4294967295"
    yield "ca alpha/all inherit"
    yield f"ca alpha/n 10.255.0.0/16 2001:db8:ffff::/48 {NEIGHBOUR}"
    yield f"roa alpha/n/n {NEIGHBOUR} 10.255.0.0/16-24 2001:db8:ffff::/48"
    yield f"aspa alpha/n/n {NEIGHBOUR} AS1 AS2"
    yield f"routerkey alpha/n/n {NEIGHBOUR}"
    for one in mutants:
        yield from one.story()


def payloads(whole):
    """Of the JSON of Routinator's form, as tuples."""
    found = {("vrp", r["asn"], r["prefix"], str(r["maxLength"])) for r in whole["roas"]}
    found |= {("key", k["asn"], k["SKI"].upper()) for k in whole["routerKeys"]}
    return found | {("aspa", a["customer"], *a["providers"]) for a in whole["aspas"]}


class Trial:
    """A tree of mutants on a stage."""

    def __init__(self, forge, folder, mutants):
        folder.mkdir()
        self.folder, self.mutants = folder, mutants
        (folder / "story.scn").write_text("\n".join(story(mutants)) + "\n")
        # peers have the machine's clock
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 300))
        self.tale = forge.play(folder / "story.scn", folder / "tale", None, *BASES,
                               "--at", at)
        self.step = self.tale.steps[0]
        lines = (self.step.folder / "mutants").read_text().splitlines()
        self.said = dict(line.split("\t") for line in lines)
        (folder / "cache").mkdir()

    def __enter__(self):
        self.stage = Stage(self.folder / "realm", self.tale).__enter__()
        self.stage.show_step(self.step)
        return self

    def __exit__(self, *what):
        self.stage.__exit__(*what)

    def octets(self, one):
        return (self.step.folder / "rsync" / "repo" / one.file).read_bytes()

    def kedge(self, program, *options):
        """What it finds, and its complaints of each file: faults, then oddities."""
        out = self.folder / "all.json"
        done = self.stage.run(
            program, "vrps", "--no-rir-tals", "--extra-tals-dir", self.tale.tals,
            "--repository-dir", self.folder / "cache", "--at", self.step.at,
            "--disable-rrdp", "-o", f"json={out}", "-v", "--log-repository-issues",
            *options, capture_output=True, text=True, timeout=300)
        clean(done.stderr)
        assert done.returncode == 0, done.stderr
        faults = {}
        for line in map(FINDING.fullmatch, done.stderr.splitlines()):
            if line and line[1]:
                faults.setdefault(line[2].split("/", 4)[-1], []).append(line[3])
        return payloads(json.loads(out.read_text())), faults

    def rpki_client(self):
        """The same of rpki-client; None where a mutant was too much for it."""
        peer = peers.RpkiClient(self.stage, peers.RpkiClient.ways["rsync"])
        try:
            vrps, keys = peer.run()
        except FileNotFoundError:
            assert "Assertion" in peer.log, peer.log
            return None
        finally:
            peer.close()
        complaints = {}
        for line in map(COMPLAINT.match, peer.log.splitlines()):
            if line:
                complaints.setdefault(line[1], []).append(line[2])
        found = {("vrp", *row) for row in vrps}
        found |= {("key", asn, ski.upper()) for asn, ski in keys}
        if not peer.old:
            found |= {("aspa", *row) for row in peer.aspas}
        return found, complaints
