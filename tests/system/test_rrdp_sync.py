# SPDX-License-Identifier: BSD-2-Clause
"""Whole repositories over RRDP, honest and not (T-RRDP)."""
import base64
import hashlib
import shutil

import pytest

from hostile_https import answer

NS = "http://www.ripe.net/rpki/rrdp"
ONE = "9df4b597-af9e-4dca-bdda-719cce2c4e28"
TWO = "0c0c0c0c-af9e-4dca-bdda-719cce2c4e28"
BASE = "rsync://r.example/m/"


def sha(octets):
    return hashlib.sha256(octets).hexdigest()


def publish(name, octets, old=None, base=BASE):
    return '<publish uri="%s%s"%s>%s</publish>\n' % (
        base, name, "" if old is None else ' hash="%s"' % sha(old),
        base64.b64encode(octets).decode())


def withdraw(name, old):
    return '<withdraw uri="%s%s" hash="%s"/>\n' % (BASE, name, sha(old))


class Repository:
    """What a server says; each part can be made wrong by hand."""

    def __init__(self, server, session=ONE, prefix=""):
        self.server, self.session, self.prefix = server, session, prefix
        self.serial, self.deltas, self.files = 1, {}, {}
        self.objects = {}
        self.snapshot_text = None

    def document(self, kind, serial, body, session=None):
        return ('<%s xmlns="%s" version="1" session_id="%s" serial="%d">\n%s'
                '</%s>\n' % (kind, NS, session or self.session, serial, body,
                             kind)).encode()

    def uri(self, name):
        return self.server.uri(self.prefix + "/" + name)

    def put(self, name, body, octets=None):
        """Listed under the hash of body; served are perhaps others."""
        self.server.routes[self.prefix + "/" + name] = answer(
            body if octets is None else octets)
        return sha(body)

    def step(self, body):
        """One more delta."""
        self.serial += 1
        text = self.document("delta", self.serial, body)
        self.deltas[self.serial] = self.put("d%d.xml" % self.serial, text)
        return text

    def offer(self, etag=None, deltas=None, snapshot_uri=None, serial=None):
        body = "".join(publish(n, o) for n, o in self.objects.items())
        serial = serial or self.serial
        text = self.snapshot_text or self.document("snapshot", serial, body)
        digest = self.put("s.xml", text)
        listed = "".join(
            '<delta serial="%d" uri="%s" hash="%s"/>' %
            (n, self.uri("d%d.xml" % n), h)
            for n, h in (self.deltas if deltas is None else deltas).items())
        notice = self.document(
            "notification", serial, '<snapshot uri="%s" hash="%s"/>%s' %
            (snapshot_uri or self.uri("s.xml"), digest, listed))
        if etag is None:
            self.server.routes[self.prefix + "/n.xml"] = answer(notice)
            return

        def script(connection, request):
            if request.headers.get("if-none-match") == etag:
                return b"HTTP/1.1 304 Not Modified\r\n\r\n"
            return answer(notice, headers=["ETag: " + etag])
        self.server.routes[self.prefix + "/n.xml"] = script

    def asked(self):
        """Paths asked for since the last call."""
        paths = [r.path[len(self.prefix) + 1:] for r in self.server.requests
                 if r.path.startswith(self.prefix + "/")]
        self.server.requests.clear()
        return paths


@pytest.fixture
def repo(server):
    made = Repository(server)
    made.objects = {"a.roa": b"A" * 300, "b.roa": b"B" * 300,
                    "c.cer": b"C" * 300}
    made.offer()
    return made


@pytest.fixture
def sync(repo, probe):
    def run(*settings, fault="ok", reason="", objects=None, changed=None):
        report = probe("sync", repo.uri("n.xml"), *settings)
        assert report["fault"] == fault, report.text + report.log
        assert report["reason"] == reason, report.text + report.log
        held = {uri[len(BASE):]: digest
                for uri, (digest, octets) in report.objects.items()
                if octets >= 0}
        if objects is not None:
            assert held == {n: sha(o) for n, o in objects.items()}
            assert int(report["objects"]) == len(objects)
        if changed is not None:
            assert report["changed"] == ("1" if changed else "0")
        return report
    return run


@pytest.fixture
def started(repo, sync):
    """A repository of which serial 1 is held."""
    sync(reason="new-repository", objects=repo.objects, changed=True)
    repo.asked()
    return repo


def test_first_and_again(started, sync):
    report = sync(objects=started.objects, changed=False)
    assert report.steps == ["notice"] and started.asked() == ["n.xml"]
    assert report["session"] == ONE and report["serial"] == "1"
    assert report["payload_status"] == "0"


def test_not_modified(repo, sync):
    repo.offer(etag='"x"')
    sync(reason="new-repository")
    report = sync(objects=repo.objects, changed=False)
    assert report["status"] == "304" and report["etag"] == '"x"'


def test_state_lost(repo, sync, tmp_path):
    """T-RRDP-12: without local state no condition is sent."""
    repo.offer(etag='"x"')
    sync(reason="new-repository")
    shutil.rmtree(tmp_path / "store")
    sync(reason="new-repository", objects=repo.objects, changed=True)


def test_deltas(started, sync):
    started.step(publish("d.roa", b"D") + withdraw("a.roa", b"A" * 300))
    started.step(publish("b.roa", b"b", old=b"B" * 300))
    started.objects = {"b.roa": b"b", "c.cer": b"C" * 300, "d.roa": b"D"}
    started.offer()
    report = sync(objects=started.objects, changed=True)
    assert report.steps == ["notice", "deltas"]
    assert started.asked() == ["n.xml", "d2.xml", "d3.xml"]
    assert report["serial"] == "3" and report["deltas"] == "2"


def test_back_and_forth_in_a_chain(started, sync):
    started.step(withdraw("a.roa", b"A" * 300))
    started.step(publish("a.roa", b"new"))
    started.step(publish("a.roa", b"newer", old=b"new"))
    started.objects["a.roa"] = b"newer"
    started.offer()
    sync(objects=started.objects, changed=True)


BAD_DELTAS = {
    "publish of what is held": publish("a.roa", b"x"),
    "replace of what is not held": publish("x.roa", b"x", old=b"y"),
    "replace of another": publish("a.roa", b"x", old=b"y"),
    "withdraw of what is not held": withdraw("x.roa", b"x"),
    "withdraw of another": withdraw("a.roa", b"x"),
}


@pytest.mark.parametrize("name", BAD_DELTAS)
def test_conflict(started, sync, name):
    """T-RRDP-04: rrdp-conflict undoes what came before it."""
    before = dict(started.objects)
    started.step(withdraw("b.roa", b"B" * 300) +
                 withdraw("c.cer", b"C" * 300))
    started.step(BAD_DELTAS[name])
    started.offer(snapshot_uri=started.uri("gone.xml"))
    report = sync(fault="http-status", reason="conflicting-delta",
                  objects=before, changed=False)
    assert "rrdp-conflict" in report.log and report["serial"] == "1"
    started.objects = {"new.roa": b"N"}
    started.offer()
    sync(reason="conflicting-delta", objects=started.objects, changed=True)


def test_delta_with_wrong_hash(started, sync):
    """T-RRDP-01: rrdp-hash"""
    text = started.step(publish("d.roa", b"D"))
    started.put("d2.xml", text, octets=text + b" ")
    started.objects["d.roa"] = b"D"
    started.offer()
    report = sync(reason="bad-delta", objects=started.objects)
    assert "rrdp-hash" in report.log
    assert report.steps == ["notice", "deltas", "snapshot"]


@pytest.mark.parametrize("session, serial, label", [
    (TWO, 2, "rrdp-session-other"), (ONE, 3, "rrdp-serial-other")])
def test_delta_of_another(started, sync, session, serial, label):
    """T-RRDP-02"""
    started.serial = 2
    text = started.document("delta", serial, publish("d.roa", b"D"), session)
    started.deltas[2] = started.put("d2.xml", text)
    started.offer()
    report = sync(reason="bad-delta", objects=started.objects)
    assert label in report.log


def test_delta_missing(started, sync):
    started.step(publish("d.roa", b"D"))
    del started.server.routes["/d2.xml"]
    started.offer()
    sync(reason="unavailable-delta", objects=started.objects)


def test_large_deltas(started, sync):
    started.step(publish("d.roa", b"D" * 30000))
    started.step(publish("e.roa", b"E" * 30000))
    started.offer()
    sync(reason="large-delta-set", objects=started.objects)


def test_too_many_deltas(started, sync):
    for i in range(3):
        started.step(publish("n%d.roa" % i, b"D"))
    started.offer()
    sync("deltas=2", reason="too-many-deltas", objects=started.objects)
    assert started.asked() == ["n.xml", "s.xml"]


def test_gap(started, sync):
    for i in range(3):
        started.step(publish("n%d.roa" % i, b"D"))
    del started.deltas[3]
    started.offer()
    sync(reason="outdated-local" if 2 not in started.deltas else
         "inconsistent-delta-set", objects=started.objects)


def test_new_session(started, sync):
    started.session = TWO
    started.objects = {"z.roa": b"Z"}
    started.offer()
    report = sync(reason="new-session", objects=started.objects, changed=True)
    assert report["session"] == TWO


def test_delta_mutation(started, sync):
    """T-RRDP-08, RFC 9697"""
    started.step(publish("d.roa", b"D"))
    started.objects["d.roa"] = b"D"
    started.offer()
    sync(objects=started.objects)
    started.deltas[2] = started.put("d2.xml", started.document(
        "delta", 2, publish("d.roa", b"other")))
    started.step(publish("e.roa", b"E"))
    started.objects["e.roa"] = b"E"
    started.offer()
    report = sync(reason="delta-mutation", objects=started.objects)
    assert "RFC 9697" in report.log


def test_snapshot_mutation(started, sync):
    started.objects["d.roa"] = b"D"
    started.offer()
    sync(reason="snapshot-mutation", objects=started.objects, changed=True)


def test_serial_back(started, sync):
    """T-RRDP-07: rrdp-serial-back twice, then it is believed."""
    started.serial = 5
    started.offer()
    sync(reason="outdated-local")
    before = dict(started.objects)
    started.serial = 4
    started.objects = {"z.roa": b"Z"}
    started.offer()
    for back in ("1", "2"):
        report = sync(fault="rrdp-serial-back", objects=before, changed=False)
        assert report["back"] == back and report["serial"] == "5"
    report = sync(reason="serial-back", objects=started.objects)
    assert report["back"] == "0" and report["serial"] == "4"


@pytest.mark.parametrize("etag", [None, '"x"'], ids=["whole", "304"])
def test_serial_back_once(started, sync, etag):
    """Of several servers one lags now and then: that is not in a row."""
    started.serial = 5
    started.offer(etag)
    sync(reason="outdated-local")
    started.offer(serial=4)
    sync(fault="rrdp-serial-back")
    started.offer(etag)
    assert sync()["back"] == "0"


BAD_SNAPSHOTS = {
    "rrdp-session-other": lambda r: r.document("snapshot", 2, "", TWO),
    "rrdp-serial-other": lambda r: r.document("snapshot", 1, ""),
    "rrdp-duplicate": lambda r: r.document(
        "snapshot", 2, publish("a", b"1") + publish("a", b"1")),
    "rrdp-xml": lambda r: r.document("snapshot", 2, publish("a", b""))[:-9],
    "rrdp-base64": lambda r: r.document(
        "snapshot", 2, '<publish uri="%sa">====</publish>' % BASE),
    "rrdp-element": lambda r: r.document("delta", 2, publish("a", b"1")),
}


@pytest.mark.parametrize("label", BAD_SNAPSHOTS)
def test_bad_snapshot(started, sync, label):
    before = dict(started.objects)
    started.serial = 2
    started.snapshot_text = BAD_SNAPSHOTS[label](started)
    started.offer()
    report = sync(fault=label, reason="outdated-local", objects=before,
                  changed=False)
    assert report["serial"] == "1" and report["detail"]


def test_snapshot_with_wrong_hash(started, sync):
    before = dict(started.objects)
    started.serial = 2
    started.offer()
    started.put("s.xml", b"", octets=b"<snapshot/>")
    sync(fault="rrdp-hash", reason="outdated-local", objects=before)


@pytest.mark.parametrize("uri", [
    "https://other.example/s.xml", "https://localhost:1/s.xml",
    "https://127.0.0.1:{port}/s.xml", "https://localhost/s.xml"])
def test_other_origin(started, sync, uri):
    """T-RRDP-06: rrdp-origin before anything is asked for."""
    before = dict(started.objects)
    started.serial = 2
    started.offer(snapshot_uri=uri.format(port=started.server.port))
    sync(fault="rrdp-origin", objects=before)
    assert started.asked() == ["n.xml"]


def test_notification_gone(started, sync):
    before = dict(started.objects)
    del started.server.routes["/n.xml"]
    report = sync(fault="http-status", objects=before, changed=False)
    assert report["status"] == "404"


def test_snapshot_gone(repo, sync):
    repo.offer()
    repo.server.routes = {path: what for path, what in repo.server.routes.items()
                          if path == "/n.xml"}
    report = sync(fault="http-status", reason="new-repository")
    assert (report["status"], report["payload_status"]) == ("200", "404")


def test_large_notification(repo, sync):
    repo.server.routes["/n.xml"] = answer(b"<!--" + b"x" * 5000)
    sync("notification=4000", fault="http-size")


def test_large_snapshot(repo, sync):
    sync("file=500", fault="http-size", reason="new-repository", objects={})


def test_large_repository(repo, sync):
    """What one run may fetch in all."""
    sync("all=2200", fault="ok", reason="new-repository")
    repo.session = TWO
    repo.offer()
    report = sync("all=800", fault="http-size", reason="new-session")
    assert int(report["objects"]) == 3


def test_store_full(started, sync):
    """T-RRDP-09: store-io; what we have stays, and room heals it."""
    before = dict(started.objects)
    started.session = TWO
    started.objects = {"k%d.roa" % i: b"%d" % i * 9000 for i in range(300)}
    started.offer()
    sync("map=1000000", fault="store-io", reason="new-session",
         objects=before, changed=False)
    sync(reason="new-session", objects=started.objects, changed=True)


def test_oversize_object(repo, sync):
    """rrdp-object: listed, but without its octets; changes still fit."""
    repo.objects["big.roa"] = b"x" * 1001
    repo.offer()
    report = sync("object=1000", reason="new-repository")
    assert report.objects[BASE + "big.roa"] == (sha(b"x" * 1001), -1)
    assert report.objects[BASE + "a.roa"][1] == 300
    assert "rrdp-object" in report.log
    repo.step(publish("big.roa", b"small", old=b"x" * 1001))
    repo.objects["big.roa"] = b"small"
    repo.offer()
    sync("object=1000", objects=repo.objects, changed=True)


def test_empty_snapshot(started, sync):
    """T-RRDP-11: the mirror is empty, the session goes on."""
    started.session, started.objects = TWO, {}
    started.offer()
    sync(reason="new-session", objects={}, changed=True)


def test_names_of_others(repo, sync, probe):
    """T-NS-01: who publishes under a victim's URIs fills a mirror of its
    own."""
    sync(reason="new-repository", objects=repo.objects)
    hostile = Repository(repo.server, TWO, "/hostile")
    hostile.objects = {"a.roa": b"forged"}
    hostile.offer()
    report = probe("sync", hostile.uri("n.xml"))
    assert report.objects == {BASE + "a.roa": (sha(b"forged"), 6)}
    hostile.step(withdraw("b.roa", b"B" * 300))
    hostile.offer()
    probe("sync", hostile.uri("n.xml"))
    sync(objects=repo.objects, changed=False)


def test_budget_of_time(repo, sync):
    """T-NET-02: what is slow everywhere ends at the repository's limit."""
    def slow(connection, request):
        import time
        time.sleep(3)
    repo.server.routes["/s.xml"] = slow
    report = sync("repository=1000", fault="http-timeout",
                  reason="new-repository", objects={})
    assert report["serial"] == "0"


def test_slow_deltas_leave_time(started, sync):
    """Together longer than all there is: the snapshot has half of it."""
    for n in range(20):
        started.objects["slow%d.roa" % n] = b"s" * n
        started.step(publish("slow%d.roa" % n, b"s" * n))
    started.offer()
    for n in started.deltas:
        def slow(connection, request, text=started.server.routes["/d%d.xml" % n]):
            import time
            time.sleep(1)
            return text
        started.server.routes["/d%d.xml" % n] = slow
    report = sync("repository=10000", reason="unavailable-delta",
                  objects=started.objects)
    assert report["serial"] == str(started.serial)


def test_dubious(repo, sync):
    sync("dubious=0", fault="http-dubious")
    assert repo.asked() == []


@pytest.mark.parametrize("at", range(0, 12))
def test_killed_at_any_time(started, build, certificates, tmp_path, sync, at):
    """T-RRDP-04, 09: the old state or the new, and the next run heals."""
    import os
    import subprocess
    before = {n: sha(o) for n, o in started.objects.items()}
    started.session = TWO
    started.objects = {"k%d.roa" % i: b"%d" % i * 50 for i in range(2000)}
    started.offer()
    after = {n: sha(o) for n, o in started.objects.items()}
    victim = subprocess.Popen(
        [build / "tests" / "system" / "probe_rrdp", "sync",
         started.uri("n.xml"), certificates.ca, tmp_path / "store"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)
    try:
        victim.wait(0.01 + at * 0.012)
    except subprocess.TimeoutExpired:
        victim.kill()
        victim.wait()
    started.server.routes.pop("/s.xml")
    started.server.routes.pop("/n.xml")
    report = sync(fault="http-status")
    held = {uri[len(BASE):]: digest
            for uri, (digest, octets) in report.objects.items()}
    assert held in (before, after)
    assert all(octets >= 0 for _, octets in report.objects.values())
    started.offer()
    report = sync(reason="" if held == after else "new-session",
                  objects=started.objects)
