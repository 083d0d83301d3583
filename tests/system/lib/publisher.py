# SPDX-License-Identifier: BSD-2-Clause
"""Authorities that publish what mint.py makes, and the hosts they publish at.

What lies where is a dictionary from URI to Paper, so that whoever reckons what
a relying party must find reads the same as it does, without any octets.
"""
import base64
import hashlib
import os
import pathlib
from typing import NamedTuple

import mint

NS = 'xmlns="http://www.ripe.net/rpki/rrdp" version="1"'
HOUR, DAY = 3600, 86400


class Document(NamedTuple):
    sha: bytes
    octets: int
    says: dict  # of a snapshot, URI to Paper; of a delta, URI to (old, new)


class Offer(NamedTuple):
    """What a notification says."""
    session: int
    serial: int
    snapshot: Document
    deltas: dict  # by serial


class Host:
    """One rsync module and one RRDP repository: of the same CAs, or not."""

    def __init__(self, name, site, top):
        self.name, self.top = name, pathlib.Path(top)
        rsync, https = site.bases()[1::2]
        self.rsync = rsync.replace("%h", name) + "/"
        self.https = https.replace("%h", name) + "/"
        self.notify = self.https + "notification.xml"
        self.tree, self.net = {}, {}  # over rsync and over RRDP
        self.rsync_up = self.rrdp_up = True
        self.flaw = None  # which RRDP documents are not what the notice says
        self.offer = None
        self.lie = None  # makes of the trees before and after what the next delta says
        self.lies = {}  # (session, serial) -> the tree after it, as its delta has it
        self.shown = {}  # over rsync
        self.told = []  # (session, serial, tree) over RRDP
        self.session, self.dates = 1, {}
        (self.top / "rsync" / name).mkdir(parents=True)
        (self.top / "https" / name).mkdir(parents=True)

    def show(self, rsync=None, rrdp=None):
        """Put it where it can be fetched: what is there now, or other trees.
        An RRDP state is one that was told before; over and again it is that."""
        self.shown = dict(self.tree if rsync is None else rsync)
        if rrdp is not None:
            self.told.append(rrdp)
        elif not self.told or self.told[-1][0] != self.session:
            self.told.append((self.session, 1, dict(self.net)))
        elif self.told[-1][2] != self.net:
            self.told.append((self.session, self.told[-1][1] + 1, dict(self.net)))
            if self.lie is not None:
                self.lies[self.told[-1][:2]] = self.lie(self.told[-2][2], self.net)
                self.lie = None
        self._show_rsync()
        self._show_rrdp()

    def _write(self, path, octets):
        """With a date of its own, or rsync would pass over what has its size, and
        with the same one again, or no server would say that nothing is new."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(octets)
        date = self.dates.setdefault((path, octets), len(self.dates) + 1)
        os.utime(path, (date, date))

    def _show_rsync(self):
        module, aside = self.top / "rsync" / self.name, self.top / "away" / self.name
        aside.parent.mkdir(exist_ok=True)
        if aside.exists():
            aside.rename(module)
        wanted = {uri[len(self.rsync):]: paper.der for uri, paper in self.shown.items()
                  if uri.startswith(self.rsync)}
        there = {str(p.relative_to(module)): p for p in module.rglob("*") if p.is_file()}
        for name in there.keys() - wanted.keys():
            there[name].unlink()
        for name, octets in wanted.items():
            if name not in there or there[name].read_bytes() != octets:
                self._write(module / name, octets)
        if not self.rsync_up:
            module.rename(aside)

    def _file(self, name, text, flawed):
        self._write(self.top / "https" / self.name / name,
                    text.encode() + b" " * bool(flawed))
        return f'uri="{self.https}{name}" hash="{hashlib.sha256(text.encode()).hexdigest()}"'

    @staticmethod
    def _document(kind, session, serial, changes):
        body = ""
        for uri, (was, now) in changes.items():
            had = f' hash="{was.sha.hex()}"' if was else ""
            body += f'<withdraw uri="{uri}"{had}/>' if now is None else (
                f'<publish uri="{uri}"{had}>{base64.b64encode(now.der).decode()}</publish>')
        return f'<{kind} {NS} session_id="{session}" serial="{serial}">{body}</{kind}>'

    @staticmethod
    def _changes(old, new):
        return {uri: (old.get(uri), new.get(uri)) for uri in sorted(old.keys() | new.keys())
                if old.get(uri) != new.get(uri)}

    def _show_rrdp(self):
        number, serial, tree = self.told[-1]
        notice = self.top / "https" / self.name / "notification.xml"
        if not self.rrdp_up:
            notice.unlink(missing_ok=True)
            return
        session = f"{number:08x}-0000-4000-8000-000000000000"
        text = self._document("snapshot", session, serial, self._changes({}, tree))
        self.offer = Offer(number, serial, self._said(text, dict(tree)), {})
        rows = "<snapshot " + self._file(f"s-{number}-{serial}.xml", text,
                                         self.flaw in ("snapshot", "all")) + "/>"
        known = {s: t for n, s, t in self.told if n == number}
        first = serial
        while first - 1 in known and serial - first < 3:
            first -= 1
        for s in range(first + 1, serial + 1):
            changes = self._changes(known[s - 1], self.lies.get((number, s), known[s]))
            text = self._document("delta", session, s, changes)
            self.offer.deltas[s] = self._said(text, changes)
            rows += f'<delta serial="{s}" ' + self._file(
                f"d-{number}-{s}.xml", text, self.flaw in ("deltas", "all")) + "/>"
        self._write(notice, (f'<notification {NS} session_id="{session}" serial="{serial}">'
                             f'{rows}</notification>').encode())

    @staticmethod
    def _said(text, says):
        return Document(hashlib.sha256(text.encode()).digest(), len(text), says)


class Authority:
    """A CA: its key, its place, what it certifies."""

    def __init__(self, name, key, host, parent=None, rrdp=True, folder=None):
        self.name, self.key, self.parent = name, key, parent
        self.host, self.rrdp, self.folder = host, rrdp, folder or name
        self.source = host  # whose RRDP brings it
        self.label = key.id.hex()[:8]
        self.files, self.revoked, self.here, self.lies = {}, set(), {}, []
        self.number, self.serials, self.this, self.life = 0, 0, 0, DAY
        self.late = 0  # a manifest's certificate outlives it by so much
        self.cert = None
        self.frozen = False

    home = property(lambda self: self.host.rsync + f"{self.folder}/".lstrip("/"))
    manifest = property(lambda self: f"{self.home}{self.label}.mft")
    crl = property(lambda self: f"{self.home}{self.key.id.hex()[:8]}.crl")
    at = property(lambda self: self.parent.home + self.cert_name if self.parent
                  else f"{self.host.rsync}{self.name}.cer")
    cert_name = property(lambda self: f"{self.name}-{self.key.id.hex()[:8]}.cer")
    notify = property(lambda self: self.source.notify if self.rrdp else None)

    def serial(self):
        self.serials += 1
        return self.serials

    def certify(self, child, now, blocks, life, begin=None):
        """Its certificate for a child, and in the place of the one before."""
        begin = now - HOUR if begin is None else begin
        child.cert = mint.authority(
            self.key, child.key, self.serial(), begin, now + life, blocks, child.home,
            child.manifest, child.notify, self.crl, self.at)
        self.files[child.cert_name] = child.cert
        return child.cert

    def certify_itself(self, now, blocks, life, begin=None):
        self.cert = mint.authority(self.key, self.key, self.serial(),
                                   now - HOUR if begin is None else begin, now + life, blocks,
                                   self.home, self.manifest, self.notify)
        return self.cert

    def vouch(self, name, now, life, asn, block, third, begin=None, more=()):
        place = f"{self.home}{name}.roa"
        self.files[name + ".roa"] = mint.origin(
            self.key, self.serial(), now - HOUR if begin is None else begin, now + life, place,
            self.crl, self.at, asn, block, third, more)

    def attest(self, name, now, life, block, others, begin=None):
        self.files[name + ".asa"] = mint.providers(
            self.key, self.serial(), now - HOUR if begin is None else begin, now + life,
            f"{self.home}{name}.asa", self.crl, self.at, block, others)

    def certify_router(self, name, key, now, life, blocks, begin=None):
        self.files[name + ".cer"] = mint.router(
            self.key, key, self.serial(), now - HOUR if begin is None else begin, now + life,
            blocks, self.crl, self.at)

    def issue(self, now, **odd):
        """A new CRL and manifest; odd says what is not as it should be."""
        self.number = odd.get("number", self.number + 1)
        this = odd.get("this", max(now - 60, self.this + 1))
        then = max(this, now) + odd.get("life", self.life)
        begin, end = this - odd.get("early", 0), then + odd.get("late", self.late)
        self.this = max(self.this, this)
        serial = self.serial()
        revoked = self.revoked | ({serial} if odd.get("revoke") else set())
        crl = mint.revocations(self.key, self.number, this + odd.get("crl_this", 0),
                               then + odd.get("crl_next", 0), revoked)
        files = {**self.files, self.crl[len(self.home):]: crl}
        if odd.get("crls") == 0:
            del files[self.crl[len(self.home):]]
        elif odd.get("crls") == 2:
            files["another.crl"] = crl
        if odd.get("alien"):
            files["alien.xyz"] = odd["alien"]
        listed = mint.manifest(self.key, serial, begin, max(end, begin + 1), self.manifest,
                               self.crl, self.at, self.number, this, then,
                               [(n, p.sha) for n, p in sorted(files.items())])
        self.place({**{self.home + n: p for n, p in files.items()}, self.manifest: listed})

    def place(self, papers):
        """Instead of what it published before."""
        for tree in self.lies:
            for uri in self.here:
                tree.pop(uri, None)
        self.here, self.lies = papers, [self.host.tree, self.source.net]
        for tree in self.lies:
            tree.update(papers)

    def tal(self, uris):
        key = base64.b64encode(self.key.spki).decode()
        return "\n".join(uris) + "\n\n" + key + "\n"
