# SPDX-License-Identifier: BSD-2-Clause
"""A trust anchor with a hostile CA and a neighbour, each at a host of its own.

One HTTPS server plays all hosts; it gives what the forge made, unless a test
puts something else in its place. Everything is asked for by the installed
kedge, whose outcome is compared with the forge's truth.
"""
import hashlib
import os
import base64
import re
import shutil
import signal
import subprocess
import sys
import time

from hostile_https import Server, answer
from site_server import wait_for
from story import rows

HOSTS = ("top", "bad", "good")
STORY = """\
now 2026-03-01T00:00:00Z
anchor alpha 10.0.0.0/8 AS64496-64511 host top via both
ca alpha/bad 10.1.0.0/16 AS64500 host bad via both
ca alpha/good 10.2.0.0/16 AS64501 host good via both
roa alpha/bad/one AS64500 10.1.1.0/24
roa alpha/good/one AS64501 10.2.1.0/24
step
roa alpha/bad/two AS64500 10.1.2.0/24
roa alpha/good/two AS64501 10.2.2.0/24
step
roa alpha/bad/three AS64500 10.1.3.0/24
roa alpha/good/three AS64501 10.2.3.0/24
"""
# What is forked counts the memory of who forks as its own: that should be little.
CHILD = """\
import os, sys
pid = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(pid, 0)
open(sys.argv[1], "w").write(str(usage.ru_maxrss))
sys.exit(os.waitstatus_to_exitcode(status))
"""
SAID = re.compile(r"kedge: (?:warn: )?(\S+): ([a-z0-9]+(?:-[a-z0-9]+)+) \((.*)")


def encode(octets):
    return base64.b64encode(octets).decode()


def sha(octets):
    return hashlib.sha256(octets).hexdigest()


RSYNCD = """\
use chroot = no
pid file = {top}/rsyncd.pid
log file = {top}/rsyncd.log
address = 127.0.0.1
port = {port}
read only = yes
list = no
munge symlinks = no
{owner}
"""


class Streets(Server):
    """Looks for a script under host and path, then for the step's file. Where
    all live at one host, the path begins with who it is."""

    def __init__(self, certificates, leaf, crammed):
        self.step, self.crammed = None, crammed
        super().__init__(certificates, leaf)

    def find(self, request):
        host = request.headers.get("host", "").split(".")[0]
        name = request.path[1:] if self.crammed else host + request.path
        if name in self.routes:
            return self.routes[name]
        path = self.step.folder / "https" / name if self.step else None
        if path is None or ".." in name or not path.is_file():
            return answer("no", "404 Not Found")
        return answer(path.read_bytes())

    def asked(self, host):
        return [r.path for r in self.requests
                if r.headers.get("host", "").startswith(host + ".")]


class Outcome:
    def __init__(self, code, stderr, vrps, seconds, kilobytes):
        self.code, self.stderr, self.vrps = code, stderr, vrps
        self.seconds, self.kilobytes = seconds, kilobytes
        self.faults = {}
        for line in stderr.splitlines():
            found = SAID.match(line)
            if found:
                self.faults.setdefault(found[1], []).append(found[2])

    def of(self, prefix):
        return {v for v in self.vrps if v[1].startswith(prefix)}

    def labels(self, start=""):
        return [label for uri, labels in self.faults.items()
                if uri.startswith(start) for label in labels]


class Town:
    """Lives for the session: what it made is looked at, never changed."""

    def __init__(self, forge, program, certificates, top, rsync_port,
                 story=STORY, hosts=HOSTS, options=(), check=True, crammed=False,
                 more=()):
        self.program, self.top = program, top
        names = ",".join(f"DNS:{h}.localhost" for h in hosts) + ",DNS:localhost"
        leaf = "town-%d" % rsync_port
        certificates.leaf(leaf, names)
        self.root_cert = certificates.ca
        self.server = Streets(certificates, leaf, crammed)
        self.rsync = f"rsync://localhost:{rsync_port}/"
        self.rsync_port, self.daemon = rsync_port, None
        top.mkdir(exist_ok=True)
        (top / "town.scn").write_text(story)
        self.tale = forge.play(
            top / "town.scn", top / "tale", None, "--https-base",
            f"https://{'localhost' if crammed else '%h.localhost'}:"
            f"{self.server.port}" + "/%h" * crammed, "--rsync-base",
            self.rsync + "%h", *more)
        self.steps = self.tale.steps
        self.runs = 0
        self.held = top / "held"
        if check:
            first = self.run(self.held, 0, *options)
            assert first.vrps == self.steps[0].vrps(), first.stderr

    def notify(self, host="bad"):
        return f"https://{host}.localhost:{self.server.port}/notification.xml"

    def uri(self, path, host="bad"):
        return f"https://{host}.localhost:{self.server.port}/{path}"

    def show(self, number):
        """Forget the scripts and serve a step honestly."""
        self.server.routes.clear()
        self.server.requests.clear()
        self.server.step = self.steps[number]

    def modules(self):
        """An rsyncd whose modules are the live folders."""
        if self.daemon is not None:
            return
        owner = "uid = root\ngid = root" if os.getuid() == 0 else ""
        text = RSYNCD.format(top=self.top, port=self.rsync_port, owner=owner)
        (self.top / "live").mkdir()
        for host in HOSTS:
            text += f"[{host}]\npath = {self.top}/live/{host}\n"
        (self.top / "rsyncd.conf").write_text(text)
        self.daemon = subprocess.Popen(
            ["rsync", "--daemon", "--no-detach", f"--config={self.top}/rsyncd.conf"],
            stdin=subprocess.DEVNULL)
        wait_for(self.rsync_port, self.daemon)
        self.mount_all(0)
        self.held_rsync = self.top / "held-rsync"
        first = self.by_rsync(self.held_rsync, 0)
        assert first.vrps == self.steps[0].vrps(), first.stderr

    def mount(self, host, folder):
        aside = self.top / "live" / "aside"
        aside.symlink_to(folder)
        os.replace(aside, self.top / "live" / host)

    def mount_all(self, number):
        for host in HOSTS:
            self.mount(host, self.steps[number].folder / "rsync" / host)

    def by_rsync(self, cache, number, *more, mount=True, **settings):
        """One run that knows no RRDP."""
        if mount:
            self.mount_all(number)
        return self.run(cache, number, "--disable-rrdp", *more, rsync=True,
                        **settings)

    def cache(self, where):
        """What one has who saw the first step."""
        shutil.copytree(self.held, where)
        return where

    def run(self, cache, number, *more, show=True, check=True, timeout=120,
            rsync=False, dubious=True):
        """One run of kedge at the time of a step."""
        if show:
            self.show(number)
        self.runs += 1
        out = self.top / f"vrps-{self.runs}.csv"
        log = self.top / f"log-{self.runs}"
        cache.mkdir(exist_ok=True, parents=True)
        words = [self.program, "--no-rir-tals", "--extra-tals-dir",
                 self.tale.tals, "--repository-dir", cache,
                 "--rrdp-root-cert", self.root_cert,
                 "--rrdp-connect-timeout", "3", "--rrdp-read-timeout", "2",
                 "--rrdp-timeout", "5", "--repository-timeout", "8", "-v",
                 "--log-repository-issues"]
        words += [] if rsync else ["--disable-rsync"]
        words += ["--allow-dubious-hosts"] if dubious else []
        words += ["vrps", "--at", self.steps[number].at, "-o", f"csv={out}", *more]
        began, used = time.monotonic(), self.top / f"used-{self.runs}"
        with open(log, "wb") as err:
            child = subprocess.Popen(
                [sys.executable, "-Sc", CHILD, used, *map(str, words)], stderr=err,
                stdout=subprocess.DEVNULL, start_new_session=True)
        try:
            code = child.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            raise AssertionError(f"kedge was not done after {timeout} s") from None
        text = log.read_text(errors="backslashreplace")
        vrps = rows(out, 4) if code == 0 and out.exists() else set()
        done = Outcome(code, text, vrps, time.monotonic() - began,
                       int(used.read_text()))
        if check:
            assert code == 0, text
        return done

    def close(self):
        self.server.close()
        if self.daemon is not None:
            self.daemon.terminate()
            self.daemon.wait()


class Hostile:
    """The hostile CA's RRDP repository: honest parts, made anew by hand.

    By default it offers what it should at the second step: serial 2 after 1,
    as snapshot and as delta.
    """

    def __init__(self, town):
        self.town = town
        first = town.steps[0].folder / "https/bad/notification.xml"
        self.session = re.search(r'session_id="([^"]+)"', first.read_text())[1]
        self.old, self.objects = self._tree(0), self._tree(1)
        self.serial = 2
        town.show(1)

    def _tree(self, number):
        base = self.town.steps[number].folder / "rsync/bad"
        return {self.town.rsync + "bad/" + str(p.relative_to(base)): p.read_bytes()
                for p in sorted(base.rglob("*")) if p.is_file()}

    def document(self, kind, body, serial=None, session=None, version="1",
                 ns="http://www.ripe.net/rpki/rrdp"):
        return (f'<{kind} xmlns="{ns}" version="{version}" session_id="'
                f'{session or self.session}" serial="{serial or self.serial}">'
                f'\n{body}</{kind}>\n')

    def publish(self, uri, octets, old=None):
        had = "" if old is None else f' hash="{sha(old)}"'
        return f'<publish uri="{uri}"{had}>{encode(octets)}</publish>\n'

    def withdraw(self, uri, old):
        return f'<withdraw uri="{uri}" hash="{sha(old)}"/>\n'

    def snapshot(self, extra="", **given):
        body = "".join(self.publish(u, o) for u, o in self.objects.items())
        return self.document("snapshot", body + extra, **given)

    def changes(self):
        body = ""
        for uri, octets in self.objects.items():
            if self.old.get(uri) != octets:
                body += self.publish(uri, octets, self.old.get(uri))
        for uri in self.old.keys() - self.objects.keys():
            body += self.withdraw(uri, self.old[uri])
        return body

    def delta(self, extra="", **given):
        return self.document("delta", self.changes() + extra, **given)

    def put(self, path, what):
        """Octets as an honest answer; a function does what it likes."""
        if isinstance(what, str):
            what = what.encode()
        script = what if callable(what) else answer(what)
        self.town.server.routes["bad/" + path] = script

    def notice(self, snapshot=None, deltas=None, extra="", **given):
        """snapshot: (uri, hash); deltas: [(serial, uri, hash)]."""
        uri, digest = snapshot
        body = f'<snapshot uri="{uri}" hash="{digest}"/>\n'
        for serial, uri, digest in deltas or []:
            body += f'<delta serial="{serial}" uri="{uri}" hash="{digest}"/>\n'
        return self.document("notification", body + extra, **given)

    def offer(self, snapshot=None, deltas=None, notice=None, listed=None,
              **given):
        """Put a consistent set of documents; parts may be replaced."""
        snapshot = raw(snapshot if snapshot is not None else self.snapshot())
        if deltas is None:
            deltas = {self.serial: self.delta()}
        self.put("s.xml", snapshot)
        rows = []
        for serial, text in deltas.items():
            self.put(f"d{serial}.xml", raw(text))
            rows.append((serial, self.town.uri(f"d{serial}.xml"), sha(raw(text))))
        text = self.notice((self.town.uri("s.xml"), sha(snapshot)),
                           rows if listed is None else listed, **given)
        self.put("notification.xml", raw(notice(text) if notice else text))
        return text


def raw(text):
    return text.encode() if isinstance(text, str) else text


if __name__ == "__main__":
    sys.exit("a part of the system tests")
