# SPDX-License-Identifier: BSD-2-Clause
"""A world of authorities that goes its way at random: what the CAs, hosts and
trust anchors of test_clock.py do from one run to the next."""
import random
from types import SimpleNamespace

import mint
from mint import Key, RouterKey
from oracle import Oracle
from publisher import DAY, HOUR, Authority, Host

START = 1772323200  # 2026-03-01T00:00:00Z
ROUTERS = [RouterKey(n) for n in (1, 2, 3)]
LIVES = [HOUR, 6 * HOUR, DAY, 3 * DAY, 9 * DAY]
JUNK = mint.Paper("junk", b"\x30\x03\x02\x01\x05")
ODD = [{"number": 1}, {"number": 0}, {"jump": 1 << 70}, {"jump": 1 << 158}, {"same": True},
       {"this": -5 * HOUR}, {"this": 0}, {"this": 2 * HOUR}, {"early": -2 * HOUR},
       {"late": -HOUR + 60}, {"late": -90 * 60}, {"late": DAY}, {"crl_this": 3 * HOUR},
       {"crl_next": -2 * HOUR}, {"crl_next": DAY}, {"revoke": True}, {"life": 20 * 60},
       {"life": 40 * DAY}, {"crls": 0}, {"crls": 2}, {"alien": JUNK}]


class World:
    def __init__(self, seed, site, top, start=START):
        self.dice, self.now, self.story = random.Random(seed), start, []
        self.keys = iter(range(1900))
        self.top = top / "step-1"
        self.hosts = {n: Host(n, site, self.top) for n in ("one", "two", "three")}
        self.tals = top / "tals"
        self.tals.mkdir(parents=True)
        self.cas, self.tops, self.tas, self.count = [], {}, {}, 0
        self.dead = []
        self.away, self.twins = set(), set()  # anchors whose TAL is not there, or twice
        for name, host, rrdp in (("alpha", "one", True), ("beta", "two", False)):
            self.anchor(name, self.hosts[host], rrdp)
        self.oracle = Oracle(self.hosts, {})
        self._list_anchors()
        for _ in range(5):
            self.new_child()
        for _ in range(8):
            self.new_roa()
        for _ in range(4):
            self.new_leaf()
        for ca in self.cas:
            ca.issue(self.now)
        site.show(SimpleNamespace(folder=self.top))

    def tell(self, *words):
        self.story.append(" ".join(map(str, words)))

    def name(self):
        self.count += 1
        return f"x{self.count}"

    def life(self):
        return self.dice.choice(LIVES)

    def some(self, blocks):
        """Most of them, seldom one more than there are."""
        found = {b for b in blocks if self.dice.random() < 0.8}
        if self.dice.random() < 0.15:
            found.add(98)
        return frozenset(found or {0})

    # --- trust anchors

    def anchor(self, name, host, rrdp):
        ca = Authority(name, Key(next(self.keys)), host, rrdp=rrdp)
        ca.blocks = frozenset(range(0, 20, 2))
        ca.certify_itself(self.now, ca.blocks, 400 * DAY)
        self.tops[name] = ca
        self.cas.append(ca)
        https, rsync = host.https + name + ".cer", ca.at
        self.tas[name] = {https: ca.cert, rsync: ca.cert}
        self._write_tal(name)

    def _write_tal(self, name):
        for path, there in ((self.tals / f"{name}.tal", name not in self.away),
                            (self.tals / f"{name}2.tal", name in self.twins)):
            if there:
                path.write_text(self.tops[name].tal(list(self.tas[name])))
            else:
                path.unlink(missing_ok=True)

    def _place(self, name, uri):
        host = next(h for h in self.hosts.values() if uri.startswith((h.https, h.rsync)))

        def look(ways):
            way, up = ("rrdp", host.rrdp_up) if uri.startswith("https") else (
                "rsync", host.rsync_up)
            return self.tas[name].get(uri) if up and way in ways else None
        return look

    def _list_anchors(self):
        self.oracle.anchors = {
            tal: (self.tops[name].key, [self._place(name, uri) for uri in self.tas[name]])
            for name in self.tops
            for tal in [name] * (name not in self.away) + [name + "2"] * (name in self.twins)}

    def other_tal(self):
        """Its URIs the other way round, or an operator who leaves it out for a while,
        or has it twice."""
        name, lot = self.dice.choice(list(self.tops)), self.dice.random()
        if lot < 0.4:
            self.tas[name] = dict(reversed(self.tas[name].items()))
        elif lot < 0.6:
            self.twins ^= {name}
        elif not self.away:
            self.away.add(name)
        self._write_tal(name)
        self._list_anchors()
        self.tell("TAL of", name, name not in self.away, name in self.twins, list(self.tas[name]))

    def tals_back(self):
        for name in list(self.away):
            self.away.remove(name)
            self._write_tal(name)
            self.tell("TAL of", name, "is back")
        self._list_anchors()

    def constrain(self):
        """What an operator lets an anchor speak for."""
        name = self.dice.choice(list(self.tops))
        rules = {(verb, kind): {b for b in range(0, 20, 2) if self.dice.random() < part}
                 for verb, kind, part in (("allow", "ip", 0.8), ("allow", "as", 0.8),
                                          ("deny", "ip", 0.1), ("deny", "as", 0.1))
                 if self.dice.random() < 0.4}
        text = "".join(f"{verb} " + (f"10.{b}.0.0/16\n" if kind == "ip" else f"{64000 + b}\n")
                       for (verb, kind), blocks in rules.items() for b in sorted(blocks))
        (self.tals / f"{name}.constraints").write_text(text)
        self.oracle.constraints[name] = rules
        self.tell("TAL of", name, "is held to", rules)

    def new_anchor_certificate(self, ca=None):
        ca = ca or self.dice.choice(list(self.tops.values()))
        name = ca.name
        ca.blocks = self.some(range(0, 20, 2))
        begin = self.now + self.dice.choice([-HOUR, -HOUR, -2 * DAY, -90 * DAY, HOUR])
        ca.certify_itself(self.now, ca.blocks, self.dice.choice([2 * HOUR, 5 * DAY, 400 * DAY]),
                          begin)
        for uri in self.tas[name]:
            if self.dice.random() < 0.8:
                self.tas[name][uri] = ca.cert
        self.tell("anchor", name, sorted(ca.blocks), begin - self.now, ca.cert.end - self.now)

    def no_anchor_certificate(self):
        name = self.dice.choice(list(self.tops))
        uri = self.dice.choice(list(self.tas[name]))
        self.tas[name][uri] = self.dice.choice([None, JUNK, self.tops[name].cert])
        self.tell("anchor", name, "at", uri, "is", self.tas[name][uri] and "there")

    def new_anchor_key(self):
        """As an operator who puts another TAL in the place of the old one."""
        name = self.dice.choice(list(self.tops))
        old = self.tops[name]
        self.cas.remove(old)
        old.place({})
        for ca in [c for c in self.cas if c.parent is old]:
            self._remove(ca)
        self.anchor(name, old.host, old.rrdp)
        self._list_anchors()
        self.tops[name].issue(self.now)
        self.tell("anchor", name, "has another key")

    # --- CAs

    def _remove(self, ca):
        for child in [c for c in self.cas if c.parent is ca]:
            self._remove(child)
        if ca in self.cas:
            self.cas.remove(ca)
        if self.dice.random() < 0.5:
            ca.place({})

    def children(self):
        return [c for c in self.cas if c.parent is not None]

    def depth(self, ca):
        return 0 if ca.parent is None else 1 + self.depth(ca.parent)

    def holds(self, ca):
        blocks = ca.cert.blocks
        return self.holds(ca.parent) if blocks == mint.INHERIT else blocks

    def new_child(self):
        parent = self.dice.choice([c for c in self.cas if self.depth(c) < 3])
        ca = Authority(self.name(), Key(next(self.keys)), self.host(), parent,
                       self.dice.random() < 0.6)
        ca.life, ca.late, ca.folder = self.life(), self.dice.choice([0, DAY]), self.folder(ca)
        if self.dice.random() < 0.2:
            ca.source = self.host()
        if self.dice.random() < 0.2:
            ca.files["strange.xyz"] = JUNK
        blocks = self.dice.choice([mint.INHERIT, self.holds(parent), self.some(self.holds(parent))])
        parent.certify(ca, self.now, blocks, self.dice.choice([DAY, 9 * DAY, 300 * DAY]))
        self.cas.append(ca)
        ca.issue(self.now)
        parent.issue(self.now)
        self.tell("ca", ca.name, "below", parent.name, "at", ca.host.name, ca.folder,
                  ca.rrdp and ca.source.name, blocks)

    def host(self):
        return self.dice.choice(list(self.hosts.values()))

    def folder(self, ca):
        """Its own, or another's, or one within that."""
        other, lot = self.dice.choice(self.cas), self.dice.random()
        if lot < 0.1:
            return other.folder
        return f"{other.folder}/{self.name()}" if lot < 0.2 else ca.name

    def certify_again(self):
        """Another CA certifies a key that has an issuer already, or an anchor's."""
        ca, other = self._child(), self.dice.choice(self.cas)
        if self.dice.random() < 0.2:
            ca = self.dice.choice(list(self.tops.values()))
        if ca is None or ca is other:
            return
        blocks = self.dice.choice([ca.cert.blocks, self.some(self.holds(other)), mint.INHERIT])
        name = self.name()
        other.files[name + ".cer"] = mint.authority(
            other.key, ca.key, other.serial(), self.now - HOUR,
            self.now + self.dice.choice([DAY, 9 * DAY]), blocks, ca.home, ca.manifest,
            ca.notify, other.crl, other.at)
        self._reissue(other)
        self.tell("certify again", ca.name, "below", other.name, name, blocks)

    def end_certificate(self):
        """One that is not its child's own."""
        found = [(c, n) for c in self.cas for n, p in c.files.items()
                 if p.kind == "cer" and not p.point and n[0] == "x" and "-" not in n]
        if found:
            ca, name = self.dice.choice(found)
            ca.revoked.add(ca.files.pop(name).serial)
            self._reissue(ca)
            self.tell("end certificate", ca.name, name)

    def _child(self):
        return self.dice.choice(self.children()) if self.children() else None

    def recertify(self):
        ca = self._child()
        if ca is None:
            return
        old, parent = ca.cert, ca.parent
        blocks = self.dice.choice([old.blocks, self.some(self.holds(parent)), mint.INHERIT])
        begin = self.now + self.dice.choice([-HOUR, -HOUR, -HOUR, 3 * HOUR])
        life = self.dice.choice([5 * HOUR, 2 * DAY, 300 * DAY])
        if self.dice.random() < 0.2:
            parent.files[self.name() + ".cer"] = old
        parent.certify(ca, self.now, blocks, life, begin)
        if self.dice.random() < 0.5:
            parent.revoked.add(old.serial)
        self._reissue(parent)
        self.tell("recertify", ca.name, blocks, begin - self.now, life)

    def revoke_child(self):
        ca = self._child()
        if ca is None:
            return
        ca.parent.revoked.add(ca.cert.serial)
        gone = self.dice.random() < 0.3
        if gone:
            ca.parent.files.pop(ca.cert_name, None)
            self._remove(ca)
        self._reissue(ca.parent)
        self.tell("revoke ca", ca.name, gone)

    def _go_elsewhere(self, ca):
        old = ca.home
        what = self.dice.choice(["host", "folder", "way", "source", "name", "back"])
        if what == "host":
            if self.dice.random() < 0.5:
                ca.place({})
            ca.here = {}
            ca.host = self.host()
            if self.dice.random() < 0.7:
                ca.source = ca.host
        elif what == "folder":
            ca.folder = self.folder(ca) if self.dice.random() < 0.5 else self.name()
        elif what == "way":
            ca.rrdp = not ca.rrdp
        elif what == "source":
            ca.source = self.host()
        elif what == "name":
            # Below its folder a manifest does not count (RFC 9286 6.1).
            ca.label = "deep/" * (self.dice.random() < 0.15) + self.name()
            ca.number = self.dice.choice([ca.number, 0])  # RFC 9981 3
        else:
            ca.label, ca.folder = ca.key.id.hex()[:8], ca.name
        anew = self.dice.random() < 0.8
        if anew and old != ca.home:
            self._sign_anew(ca)
        return what, anew

    def move_anchor(self):
        """Its certificate leads elsewhere, with other resources or the same."""
        ca = self.dice.choice(list(self.tops.values()))
        what, anew = self._go_elsewhere(ca)
        self.new_anchor_certificate(ca)
        if self.dice.random() < 0.8:
            ca.issue(self.now)
        self.tell("move anchor", ca.name, what, anew)

    def move(self):
        """To another host, folder or way; with what it says signed anew, or not."""
        ca = self._child()
        if ca is None:
            return
        old, here = ca.home, ca.here
        what, anew = self._go_elsewhere(ca)
        ca.parent.certify(ca, self.now, ca.cert.blocks, 300 * DAY)
        self._reissue(ca.parent)
        how = self.dice.random()
        if how < 0.7:
            ca.issue(self.now)
        elif how < 0.8 and old == ca.home:
            ca.place(here)
        self.tell("move", ca.name, what, anew, f"{how:.1f}")

    def _sign_anew(self, ca):
        for name, paper in list(ca.files.items()):
            stem, life = name[:-4], 9 * DAY
            if paper.kind == "roa":
                nets = [tuple(map(int, net.split(".")[1:3])) for _, net, _ in paper.vrps]
                ca.vouch(stem, self.now, life, int(paper.vrps[0][0][2:]), *nets[0], more=nets)
            elif paper.kind == "asa":
                ca.attest(stem, self.now, life, paper.aspa[0] - 64000, paper.aspa[1])
            elif paper.point:
                ca.certify_router(stem, paper.of, self.now, life, paper.blocks)
        for child in self.children():
            if child.parent is ca:
                ca.certify(child, self.now, child.cert.blocks, 300 * DAY)

    def roll_key(self):
        """RFC 6489: the new CA beside the old one, in the same folder."""
        old = self._child()
        if old is None:
            return
        new = Authority(old.name, Key(next(self.keys)), old.host, old.parent, old.rrdp, old.folder)
        new.source = old.source
        old.parent.certify(new, self.now, old.cert.blocks, 300 * DAY)
        self.cas.append(new)
        stage = self.dice.randrange(3)
        if stage > 0:
            for child in [c for c in self.children() if c.parent is old]:
                child.parent = new
            new.files = old.files
            old.files = {}
            self._sign_anew(new)
            old.issue(self.now)
        new.issue(self.now)
        if stage > 1:
            self.cas.remove(old)
            old.parent.files.pop(old.cert_name, None)
            old.parent.revoked.add(old.cert.serial)
            old.place({})
        self._reissue(old.parent)
        self.tell("roll key", old.name, stage)

    # --- objects and points

    def _reissue(self, ca):
        if self.dice.random() < 0.9:
            ca.issue(self.now)

    def new_roa(self):
        ca = self.dice.choice(self.cas)
        blocks = sorted(self.holds(ca)) + [98] * (self.dice.random() < 0.1)
        begin = self.now + self.dice.choice([-HOUR, -HOUR, -HOUR, 90 * 60])
        life = self.dice.choice([3 * HOUR, DAY, 30 * DAY, 30 * DAY])
        asn = self.dice.randrange(64496, 64512)
        block, third = self.dice.choice(blocks), self.dice.randrange(256)
        name = self.name()
        more = [(b, third) for b in blocks if self.dice.random() < 0.4]
        more *= self.dice.random() < 0.3
        ca.vouch(name, self.now, life, asn, block, third, begin, more)
        self._reissue(ca)
        self.tell("roa", ca.name, name, f"10.{block}.{third}", more, begin - self.now, life)

    def new_leaf(self):
        """An ASPA, or a certificate of a router."""
        ca = self.dice.choice(self.cas)
        blocks = sorted(self.holds(ca)) + [98] * (self.dice.random() < 0.1)
        begin = self.now + self.dice.choice([-HOUR, -HOUR, -HOUR, 90 * 60])
        life = self.dice.choice([3 * HOUR, DAY, 30 * DAY])
        name, few = self.name(), self.dice.choices(blocks, k=2)
        if self.dice.random() < 0.5:
            ca.attest(name, self.now, life, few[0],
                      self.dice.sample(range(65000, 65006), self.dice.randrange(1, 4)), begin)
        else:
            ca.certify_router(name, self.dice.choice(ROUTERS), self.now, life, frozenset(few),
                              begin)
        self._reissue(ca)
        self.tell("leaf", ca.name, name, few, begin - self.now, life)

    def _leaves(self):
        return [(c, n) for c in self.cas for n, p in c.files.items()
                if p.kind in ("roa", "asa") or p.point]

    def end_leaf(self):
        if not self._leaves():
            return
        ca, name = self.dice.choice(self._leaves())
        how = self.dice.choice(["withdraw", "revoke", "both"])
        if how != "withdraw":
            ca.revoked.add(ca.files[name].serial)
        if how != "revoke":
            del ca.files[name]
        self._reissue(ca)
        self.tell(how, ca.name, name)

    def odd_issue(self):
        ca = self.dice.choice(self.cas)
        odd = dict(self.dice.choice(ODD))
        if "this" in odd:
            odd["this"] = (ca.this if odd["this"] == 0 else self.now + odd["this"])
        if odd.pop("same", False):
            odd["number"] = ca.number
        if "jump" in odd:
            odd["number"] = ca.number + odd.pop("jump")
        if self.dice.random() < 0.5:
            self.new_roa_quietly(ca)
        high, this = ca.number, ca.this
        ca.issue(self.now, **odd)
        if self.dice.random() < 0.7:
            ca.number = max(high, ca.number)  # or it stays low
        if self.dice.random() < 0.5:
            ca.this = this
        self.tell("odd", ca.name, odd)

    def new_roa_quietly(self, ca):
        block = min(self.holds(ca))
        ca.vouch(self.name(), self.now, DAY, 65000, block, self.dice.randrange(256))

    def reissue(self):
        ca = self.dice.choice(self.cas)
        ca.issue(self.now)
        self.tell("reissue", ca.name)

    def freeze(self):
        ca = self.dice.choice(self.cas)
        ca.frozen = not ca.frozen
        self.tell("frozen" if ca.frozen else "thawed", ca.name)

    def spoil(self):
        """A file is gone or another than is listed; or all is as it was meant."""
        ca = self.dice.choice(self.cas)
        if not ca.here:
            return
        uri = self.dice.choice(sorted(ca.here))
        how = self.dice.choice(["gone", "junk", "mend", "mend", "copy"])
        other = ca.here[self.dice.choice(sorted(ca.here))]
        for tree in self.dice.choice([ca.lies, ca.lies, ca.lies[:1], ca.lies[1:]]):
            if how == "gone":
                tree.pop(uri, None)
            elif how == "mend":
                tree.update(ca.here)
            else:
                tree[uri] = JUNK if how == "junk" else other
        self.tell(how, uri)

    # --- hosts

    def outage(self):
        host = self.dice.choice(list(self.hosts.values()))
        host.rsync_up = self.dice.random() < 0.5
        host.rrdp_up = self.dice.random() < 0.5
        self.tell("outage", host.name, "rsync", host.rsync_up, "rrdp", host.rrdp_up)

    def is_well(self):
        """Is no repository left alone for a while because it failed?"""
        return (all(h.rsync_up and h.rrdp_up and not h.flaw for h in self.hosts.values()) and
                not any(m.back for m in self.oracle.mirrors.values()))

    def end_of_outages(self):
        for host in self.hosts.values():
            host.rsync_up = host.rrdp_up = True
            host.flaw = None
        self.tell("all are up")

    def flaw(self):
        """Documents are not what the notification says."""
        host = self.host()
        host.flaw = self.dice.choice(["deltas", "all", "snapshot"])
        self.tell("flaw of", host.name, host.flaw)

    def lie(self):
        """The next delta says other things than the snapshot does."""
        host = self.host()
        host.lie = self._other_tree
        self.tell("lie of", host.name)

    def _other_tree(self, old, new):
        said = dict(new)
        uri = self.dice.choice(sorted(old.keys() | new.keys()))
        other = self.dice.choice([old.get(uri), JUNK, self.dice.choice([None, *new.values()])])
        if other is None:
            said.pop(uri, None)
        else:
            said[uri] = other
        self.tell("lies about", uri, said.get(uri))
        return said

    def session(self):
        host = self.dice.choice(list(self.hosts.values()))
        host.session += 1
        self.tell("session", host.name)

    # --- all together

    def renew(self):
        for ca in self.cas:
            here = ca.here.get(ca.manifest)
            if not ca.frozen and (here is None or here.next < self.now + ca.life / 2):
                if self.dice.random() < 0.85:
                    ca.issue(self.now)
        for ca in self.cas:
            if ca.cert.end < self.now and self.dice.random() < 0.4:
                if ca.parent is None:
                    self.new_anchor_certificate(ca)
                else:
                    ca.parent.certify(ca, self.now, ca.cert.blocks, 9 * DAY)
                    self._reissue(ca.parent)

    def recover(self):
        """Nothing stays as it is for long, or soon there would be nothing."""
        for ca in self.cas:
            ca.frozen = ca.frozen and self.dice.random() < 0.8
        if self.dice.random() < 0.2:
            self.end_of_outages()
        if self.away and self.dice.random() < 0.4:
            self.tals_back()

    def edges(self):
        """When something begins or ends, of what is there or is held."""
        papers = {p for h in self.hosts.values() for t in (h.tree, h.net) for p in t.values()}
        papers |= {p for t in self.tas.values() for p in t.values() if p}
        papers |= self.oracle.papers()
        return sorted({t for p in papers for t in (p.begin, p.end, p.this, p.next)
                       if abs(t - self.now) < 60 * DAY})

    def go_on(self):
        step = self.dice.choice([61, 300, HOUR, HOUR, 9 * HOUR, 26 * HOUR, 3 * DAY, None, None])
        later = [e for e in self.edges() if e > self.now + 62]
        if step is None and later:
            self.now = self.dice.choice(later[:20]) + self.dice.choice([-1, 0, 1])
        else:
            self.now += step or 120
        if self.dice.random() < 0.01:
            self.now += 40 * DAY
        self.tell("---", self.now - START)
        self.recover()
        self.renew()
        for _ in range(2):
            self.new_roa()
        ways = [self.new_roa, self.odd_issue] * 4 + [self.end_leaf] * 3 + [
            self.new_leaf, self.new_leaf, self.reissue, self.freeze, self.spoil, self.spoil,
            self.outage, self.end_of_outages, self.session, self.recertify, self.recertify,
            self.revoke_child, self.move, self.move, self.roll_key, self.new_child,
            self.new_anchor_certificate, self.no_anchor_certificate, self.move_anchor,
            self.certify_again, self.certify_again, self.end_certificate, self.flaw, self.lie,
            self.lie]
        if self.dice.random() < 0.03:
            ways = [self.new_anchor_key]
        elif self.dice.random() < 0.06:
            ways = [self.other_tal, self.other_tal, self.constrain]
        for _ in range(self.dice.randrange(4)):
            self.dice.choice(ways)()
        if len(self.cas) < 4:
            self.new_child()
        self.show()

    def show(self):
        for host in self.hosts.values():
            rsync = rrdp = None
            if host.told and self.dice.random() < 0.08:
                rrdp = self.dice.choice(host.told)
                if self.dice.random() < 0.3:
                    host.session += 1
                    rrdp = (host.session, rrdp[1], rrdp[2])
                self.tell("rrdp of", host.name, "shows", rrdp[:2])
            if host.told and self.dice.random() < 0.08:
                rsync = self.dice.choice(host.told)[2]
                self.tell("rsync of", host.name, "shows what was before")
            for name, places in self.tas.items():
                for uri, paper in places.items():
                    if uri.startswith(host.rsync):
                        for tree in [host.tree] + [rsync] * (rsync is not None):
                            tree.pop(uri, None)
                            tree.update({uri: paper} if paper else {})
            host.show(rsync, rrdp)
            for name, places in self.tas.items():
                for uri, paper in places.items():
                    path = self.top / "https" / host.name / (name + ".cer")
                    if uri.startswith(host.https):
                        path.unlink(missing_ok=True)
                        if paper and host.rrdp_up:
                            host._write(path, paper.der)
