# SPDX-License-Identifier: BSD-2-Clause
"""What a relying party must find, reckoned from Papers: a small model of the
rules and of what is remembered from run to run, by the words of the RFCs.

RFC 9286 4.2.1, 6: which manifest. RFC 9981: another name frees its number. RFC
6487 7: a certificate that claims too much is none. RFC 8630 3: which trust
anchor. RFC 5280 4.1.2.5: both ends of a time are inside it.
"""
from dataclasses import dataclass, field

import mint


@dataclass
class Mirror:
    papers: dict = field(default_factory=dict)
    session: int = None
    serial: int = 0
    back: int = 0
    octets: int = 0  # of the last snapshot that was taken
    listed: dict = field(default_factory=dict)  # serial -> hash of its delta
    snapshot: bytes = b""  # hash of what was listed
    when: int = None  # it last came
    failing: bool = True
    since: int = None  # from when on rsync waits to stand in
    asked: int = None  # when last, and in vain


def within(paper, now):
    return paper.begin <= now <= paper.end


class Oracle:
    """hosts: by name. anchors: name -> (TAL's key, [places]); a place gives a
    Paper or None."""

    def __init__(self, hosts, anchors):
        self.hosts, self.anchors, self.fallback = hosts, anchors, "stale"
        self.mirrors, self.kept, self.believed, self.beside = {}, {}, {}, set()
        self.stood, self.late, self.took = {}, {}, {}
        self.constraints = {}  # by name; (allow or deny, ip or as) -> blocks

    def run(self, now, update=True, ways=("rrdp", "rsync"), late=False, recent=0, rests=(),
            keep=False, **policy):
        """late: with the last good versions and the repositories that the last update
        went by. recent: what came within so many seconds is not fetched again. rests:
        the URIs that are left alone for a while, should they have failed. keep: what
        is believed without an update is remembered, too."""
        self.now, self.update, self.ways = now, update, ways
        self.recent, self.rests = recent, rests
        self.policy, self.rejected = {"stale": "reject", **policy}, set()
        self.fetched, self.bars = {}, self.late if late else {}
        self.took = self.took if late else {}
        self.news, self.vrps, self.met, self.stood = [], set(), {}, {}
        self.keys, self.aspas = set(), {}
        self.used = set()  # manifests
        for name, (key, places) in self.anchors.items():
            cert = self._anchor(key, places)
            if cert is not None:
                self._visit(name, cert, cert.blocks, ())
        if self.update or keep:
            self._keep()
        if policy.get("unsafe_vrps") == "reject":
            self.vrps = {vrp for vrp in self.vrps
                         if int(vrp[1].split(".")[1]) not in self.rejected}
        return self.vrps

    def _keep(self):
        for key, manifest, files in self.news:
            uri = manifest[0]
            self.met.setdefault(key, set()).add(uri)
            last = self.believed.setdefault(key, {}).get(uri)
            if last is None or last[0][1].this <= manifest[1].this:
                if last is not None and last[0] != manifest and not self._after(key, manifest):
                    self.beside.discard((key, uri))
                self.believed[key][uri] = (manifest, files)
        for key, uris in self.met.items():
            both = {uri for uri in uris if (key, uri) in self.beside} | {
                row[1][0] for row in self.news if row[0] == key}
            if len(both) > 1:
                self.beside |= {(key, uri) for uri in both}
        self.late = {point: bar for point, bar in self.stood.items()
                     if bar != self._bar(*point)}

    def _after(self, key, manifest):
        """Was something newer believed of the key elsewhere?"""
        return any(row[0][1].this > manifest[1].this and uri != manifest[0]
                   for uri, row in self.believed[key].items())

    def sweep(self):
        """A repository that no run has led to for a week is forgotten."""
        self.mirrors = {uri: m for uri, m in self.mirrors.items()
                        if max(m.when or 0, m.asked or 0) >= self.now - 7 * 86400}

    def papers(self):
        """All that is held."""
        found = {p for m in self.mirrors.values() for p in m.papers.values()}
        for rows in self.believed.values():
            for (_, manifest), files in rows.values():
                found |= {manifest, *files.values()}
        return found | set(self.kept.values())

    # --- getting

    def _anchor(self, key, places):
        kept = self.kept.get(key.id)
        if kept is not None and not within(kept, self.now):
            kept = None
        for place in places if self.update else ():
            found = place(self.ways)
            if found is None or found.of is not key or not within(found, self.now):
                continue
            if kept is None or found.begin > kept.begin or \
                    (found.begin == kept.begin and found.end <= kept.end):
                self.kept[key.id] = kept = found
                break
        return kept

    def _rests(self, uri):
        return uri in self.rests and uri in self.mirrors and self.mirrors[uri].failing

    def _rrdp(self, host):
        if self._rests(host.notify):
            return False
        mirror = self.mirrors.setdefault(host.notify, Mirror())
        mirror.failing, mirror.asked = True, self.now
        if mirror.since is None:
            mirror.since = self.now if mirror.when is None else min(mirror.when, self.now)
        if not host.rrdp_up:
            return False
        offer = host.offer
        same = offer.session == mirror.session
        if same and offer.serial < mirror.serial and mirror.back < 2:
            mirror.back += 1
            return False
        octets = mirror.octets
        papers = self._go_on(mirror, offer, host.flaw) if same else None
        if papers is None:
            if host.flaw in ("snapshot", "all"):
                return False
            papers, octets = offer.snapshot.says, offer.snapshot.octets
        self.mirrors[host.notify] = Mirror(
            dict(papers), offer.session, offer.serial, 0, octets,
            {s: d.sha for s, d in offer.deltas.items()}, offer.snapshot.sha, self.now, False)
        return True

    @staticmethod
    def _go_on(mirror, offer, flaw):
        """From what is held; None: by the snapshot only (RFC 8182 3.4, RFC 9697 3)."""
        steps = range(mirror.serial + 1, offer.serial + 1)
        if any(mirror.listed.get(s, d.sha) != d.sha for s, d in offer.deltas.items()):
            return None
        if not steps:
            return mirror.papers if (offer.serial, offer.snapshot.sha) == (
                mirror.serial, mirror.snapshot) else None
        if not offer.deltas.keys() >= set(steps) or flaw in ("deltas", "all") or \
                sum(offer.deltas[s].octets for s in steps) > max(mirror.octets, 65536):
            return None
        papers = dict(mirror.papers)
        for s in steps:
            changes = offer.deltas[s].says
            if not changes or any(papers.get(u) != old for u, (old, _) in changes.items()):
                return None
            papers |= {u: new for u, (_, new) in changes.items()}
            papers = {u: paper for u, paper in papers.items() if paper is not None}
        return papers

    def _rsync(self, host):
        if self._rests(host.rsync):
            return False
        mirror = self.mirrors.setdefault(host.rsync, Mirror())
        mirror.failing, mirror.asked = True, self.now
        if not host.rsync_up:
            return False
        self.mirrors[host.rsync] = Mirror(dict(host.shown), when=self.now, failing=False)
        return True

    def _fetch(self, uri, how, host):
        if uri not in self.fetched:
            when = self.mirrors.get(uri, Mirror()).when
            self.fetched[uri] = when is not None and 0 <= self.now - when < self.recent or \
                how(host)
        return self.fetched[uri]

    def _files(self, cert):
        """Those that count for this CA."""
        place = (cert.home, cert.notify)
        if place not in self.took:
            self.took[place] = self._mirror(cert)
        return self.took[place]

    def _mirror(self, cert):
        host = next(h for h in self.hosts.values() if cert.home.startswith(h.rsync))
        source = next((h for h in self.hosts.values() if h.notify == cert.notify), None)
        rrdp = source and "rrdp" in self.ways and source.notify
        if self.update and rrdp and self._fetch(rrdp, self._rrdp, source):
            return self.mirrors[rrdp].papers
        first = self.mirrors.get(rrdp, Mirror())
        if "rsync" not in self.ways or rrdp and not self._gives_way(first):
            return first.papers
        if self.update and self._fetch(host.rsync, self._rsync, host):
            return self.mirrors[host.rsync].papers
        two = [first, self.mirrors.get(host.rsync, Mirror())]
        if two[1].when is None or (two[0].when is not None and two[0].when >= two[1].when):
            return two[0].papers
        return two[1].papers

    def _gives_way(self, mirror):
        """To rsync: it waits for a minute or less, half of one at least. What came at
        a time that is still to come, by a clock that was wrong, is of no known age:
        the minute is one from when it was first seen to fail."""
        if self.fallback == "never" or not mirror.failing:
            return False
        return mirror.when is None or (
            self.fallback == "stale" and abs(self.now - mirror.since) >= 30)

    # --- judging

    def _visit(self, anchor, cert, holds, path):
        key, uri = cert.of.id, cert.manifest
        if (key, uri) in path:
            return
        path += ((key, uri),)
        self.anchor = anchor
        self.met.setdefault(key, set()).add(uri)
        mirror = self._files(cert)
        last = self.bars[key, uri] if (key, uri) in self.bars else self._bar(key, uri)
        fresh = mirror.get(uri) if uri.rpartition("/")[0] + "/" == cert.home else None
        files = self._complete(mirror, uri, fresh)
        same = last is not None and fresh is not None and last[0][1] == fresh
        if files is not None and (same or self._follows(last, uri, fresh)):
            found = self._judge(cert, holds, uri, fresh, files)
            if found is not None:
                self.news.append((key, (uri, fresh), files))
                self._take(anchor, found, path)
                return
        found, self.stood[key, uri] = None, last
        if last is not None and not (same and files is not None):
            found = self._judge(cert, holds, *last[0], last[1])
        if found is None and len(path) > 1:
            self.rejected |= holds
        self._take(anchor, found or [], path)

    def _bar(self, key, uri):
        """The newest that was believed of the key, or its own of two side by side."""
        rows = self.believed.get(key, {})
        last = max(rows.values(), default=None,
                   key=lambda row: (row[0][1].this, row[0][1].number))
        if uri in rows and (key, uri) in self.beside and (key, last[0][0]) in self.beside:
            return rows[uri]
        return last

    @staticmethod
    def _complete(mirror, uri, fresh):
        """What it lists, if all of that is there."""
        if fresh is None or fresh.kind != "mft" or fresh.number >= 1 << 159:
            return None
        folder = uri[:uri.rindex("/") + 1]
        files = {n: mirror.get(folder + n) for n, _ in fresh.files}
        whole = all(files[n] is not None and files[n].sha == sha for n, sha in fresh.files)
        return files if whole else None

    @staticmethod
    def _follows(last, uri, fresh):
        if last is None:
            return True
        (before, manifest), _ = last
        renamed = before.rsplit("/", 1)[1] != uri.rsplit("/", 1)[1]
        return (renamed or fresh.number > manifest.number) and fresh.this > manifest.this

    def _current(self, paper):
        return paper.this <= self.now and (
            self.now <= paper.next or self.policy["stale"] != "reject")

    def _allowed(self, paper):
        """May its anchor speak for what a certificate names that is not a CA's?"""
        rules = self.constraints.get(self.anchor, {})
        kind = "ip" if paper.kind == "roa" else "as"
        return (not paper.blocks & rules.get(("deny", kind), set()) and
                paper.blocks <= (rules.get(("allow", kind)) or paper.blocks))

    def _proven(self, paper, cert, holds, crl, place):
        """An object, by its own certificate."""
        return (paper.by == cert.of.id and within(paper, self.now) and
                paper.crl == place and paper.serial not in crl.revoked and
                (paper.blocks == mint.INHERIT or paper.blocks <= holds and
                 (paper.manifest != "" or self._allowed(paper))))

    def _judge(self, cert, holds, uri, manifest, files):
        """The good objects; None: not one, for the manifest is no good."""
        folder = uri[:uri.rindex("/") + 1]
        crls = [n for n in files if n.endswith(".crl")]
        if len(crls) != 1 or not self._current(manifest):
            return None
        crl = files[crls[0]]
        if crl.kind != "crl" or crl.by != cert.of.id or not self._current(crl):
            return None
        if not self._proven(manifest, cert, holds, crl, folder + crls[0]):
            return None
        if manifest.place != uri:
            return None
        if self.policy.get("unknown_objects") == "reject" and any(
                n.endswith(".xyz") for n in files):
            return None
        self.used.add(manifest.sha)
        return [(n, p, holds) for n, p in files.items()
                if p.kind == n.rsplit(".", 1)[1] and p.kind in ("roa", "asa", "cer") and
                (p.kind == "cer" or p.place == folder + n) and
                self._proven(p, cert, holds, crl, folder + crls[0])]

    def _take(self, anchor, found, path):
        for _, paper, holds in found:
            if paper.kind == "roa":
                self.vrps |= {(*vrp, anchor) for vrp in paper.vrps}
            elif paper.kind == "asa":
                customer, providers = paper.aspa
                self.aspas[customer] = self.aspas.get(customer, frozenset()) | providers
            elif paper.point:
                self.keys |= {(64000 + block, paper.point) for block in paper.blocks}
            else:
                self._visit(anchor, paper, holds if paper.blocks == mint.INHERIT
                            else paper.blocks, path)
