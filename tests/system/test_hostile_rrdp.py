# SPDX-License-Identifier: BSD-2-Clause
"""RRDP documents that are wrong, seen by the installed kedge (T-XML, T-RRDP).

Each case is met by somebody who saw the repository well before; some also by
somebody who did not. The run ends with exit code 0, names the fault once at
the notification's URI, keeps what it had of the repository, and has the
neighbour's news. When the repository is well again, so are we.
"""
import gzip

import pytest

from town import encode, sha

XMLNS = 'xmlns="http://www.ripe.net/rpki/rrdp"'
MEMORY_KB = 400_000
SECONDS = 120


def outcome_of(town, tmp_path, label, cold=False, again=True):
    """With what was held before, with nothing, and well again."""
    truth = town.steps[1].vrps()
    neighbour = {v for v in truth if v[1].startswith("10.2.")}
    kept = {v for v in town.steps[0].vrps() if v[1].startswith("10.1.")}
    cache = town.cache(tmp_path / "warm")
    runs = [town.run(cache, 1, show=False)]
    assert runs[0].vrps == neighbour | kept, runs[0].stderr
    if cold:
        runs.append(town.run(tmp_path / "cold", 1, show=False))
        assert runs[1].vrps == neighbour, runs[1].stderr
    for run in runs:
        assert run.faults.pop(town.notify()) == [label], run.stderr
        assert set(run.labels()) <= {"manifest-missing"}, run.stderr
        assert run.seconds < SECONDS and run.kilobytes < MEMORY_KB
    if again:
        well = town.run(cache, 1)
        assert well.vrps == truth and well.labels() == [], well.stderr


def after_root(text, more):
    """Into the document, behind its root's start tag."""
    end = text.index(">") + 1
    return text[:end] + more + text[end:]


def in_root(text, more):
    end = text.index(">")
    return text[:end] + more + text[end:]


def swap(old, new):
    def change(text):
        assert old in text
        return text.replace(old, new, 1)
    return change


DOCTYPE = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">%s]>\n'
LAUGHS = DOCTYPE % "".join(
    '<!ENTITY %s "%s">' % (chr(98 + n), ("&%s;" % chr(97 + n)) * 10)
    for n in range(9))

# What can be done to any of the three documents: what -> (label, change).
XML = {
    "doctype": ("rrdp-doctype", lambda t: "<!DOCTYPE notification>" + t),
    "doctype lower": ("rrdp-doctype", lambda t: "<!doctype notification>" + t),
    "external entity": ("rrdp-doctype", lambda t: '<!DOCTYPE x [<!ENTITY e '
                        'SYSTEM "file:///etc/passwd">]>' + after_root(t, "&e;")),
    "parameter entity": ("rrdp-doctype", lambda t: '<!DOCTYPE x [<!ENTITY % e '
                         'SYSTEM "https://bad.localhost/e.dtd">%e;]>' + t),
    "billion laughs": ("rrdp-doctype", lambda t: LAUGHS + after_root(t, "&j;")),
    "xinclude": ("rrdp-namespace", lambda t: after_root(
        t, '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" '
        'href="file:///etc/passwd"/>')),
    "unknown entity": ("rrdp-entity", lambda t: after_root(t, "&nothing;")),
    "zero by reference": ("rrdp-xml", lambda t: after_root(t, "&#0;")),
    "instruction": ("rrdp-markup", lambda t: after_root(t, "<?php x?>")),
    "instruction first": ("rrdp-markup", lambda t: "<?xml-stylesheet "
                          "href='x'?>" + t),
    "cdata": ("rrdp-markup", lambda t: after_root(t, "<![CDATA[ ]]>")),
    "deep": (("rrdp-depth", "rrdp-element"),
             lambda t: after_root(t, "<a>" * 100000)),
    "many attributes": ("rrdp-tag", lambda t: in_root(t, "".join(
        f' a{n}="x"' for n in range(700000)))),
    "nine attributes": ("rrdp-tag", lambda t: in_root(t, "".join(
        f' a{n}="x"' for n in range(9)))),
    "long attribute": ("rrdp-tag", lambda t: in_root(
        t, ' a="' + "x" * 9000000 + '"')),
    "long name": ("rrdp-tag", lambda t: after_root(t, "<" + "x" * 9000000 + "/>")),
    "blanks": ("rrdp-blank", lambda t: after_root(t, " \n" * 4500000)),
    "blanks before": ("rrdp-blank", lambda t: "\n" * 9000000 + t),
    "comments": ("rrdp-blank", lambda t: after_root(t, "<!-- x -->" * 900000)),
    "one comment": ("rrdp-blank", lambda t: "<!--" + "x" * 9000000 + "-->" + t),
    "utf-16": ("rrdp-ascii", lambda t: t.encode("utf-16")),
    "utf-16 without mark": ("rrdp-ascii", lambda t: t.encode("utf-16-le")),
    "utf-16 declared": ("rrdp-ascii",
                        lambda t: '<?xml version="1.0" encoding="UTF-16"?>' + t),
    "utf-7 declared": ("rrdp-ascii",
                       lambda t: '<?xml version="1.0" encoding="UTF-7"?>' + t),
    "ebcdic": (("rrdp-ascii", "rrdp-xml"), lambda t: t.encode("cp500")),
    "mark": ("rrdp-ascii", lambda t: b"\xef\xbb\xbf" + t.encode()),
    "zero octet": ("rrdp-ascii", lambda t: after_root(t, "\0")),
    "latin-1": ("rrdp-ascii", lambda t: after_root(t, "<!-- \xe4 -->")),
    "other namespace": ("rrdp-namespace", swap("net/rpki/rrdp", "net/rpki/rrdp2")),
    "no namespace": ("rrdp-namespace", swap(" " + XMLNS, "")),
    "second namespace": ("rrdp-namespace", lambda t: in_root(t, ' xmlns:a="b"')),
    "attribute twice": ("rrdp-xml", lambda t: in_root(t, ' version="1"')),
    "unknown attribute": ("rrdp-attribute", lambda t: in_root(t, ' more="1"')),
    "no version": ("rrdp-attribute", swap(' version="1"', "")),
    "version 2": ("rrdp-version", swap('version="1"', 'version="2"')),
    "version 1.0": ("rrdp-version", swap('version="1"', 'version="1.0"')),
    "no session": ("rrdp-attribute", lambda t: t.replace(
        ' session_id="', ' session="', 1)),
    "session short": ("rrdp-session", swap("-", "")),
    "session long": ("rrdp-session", lambda t: t.replace('-', '-0', 1)),
    "session of letters": ("rrdp-session", lambda t: t.replace(
        'session_id="', 'session_id="../../x', 1)),
    "serial 0": ("rrdp-serial", swap('serial="2"', 'serial="0"')),
    "serial -1": ("rrdp-serial", swap('serial="2"', 'serial="-1"')),
    "serial +2": ("rrdp-serial", swap('serial="2"', 'serial="+2"')),
    "serial 02": ("rrdp-serial", swap('serial="2"', 'serial="02"')),
    "serial 2e0": ("rrdp-serial", swap('serial="2"', 'serial="2e0"')),
    "serial 2^63": ("rrdp-serial", swap('"2"', '"9223372036854775808"')),
    "serial 2^64+2": ("rrdp-serial", swap('"2"', '"18446744073709551618"')),
    "serial endless": ("rrdp-serial", swap('"2"', '"%s"' % ("2" * 400))),
    "serial empty": ("rrdp-serial", swap('"2"', '""')),
    "serial blank": ("rrdp-serial", swap('"2"', '" 2"')),
    "text in the root": ("rrdp-text", lambda t: after_root(t, "hello")),
    "unknown element": ("rrdp-element", lambda t: after_root(t, "<x/>")),
    "cut off": ("rrdp-xml", lambda t: t[:-20]),
    "junk behind": ("rrdp-xml", lambda t: t + "<x/>"),
    "text behind": ("rrdp-xml", lambda t: t + "x"),
    "empty": ("rrdp-xml", lambda t: ""),
    "blank": ("rrdp-xml", lambda t: "\n\n"),
    "garbage": (("rrdp-ascii", "rrdp-xml"), lambda t: bytes(range(256)) * 40),
    "page": (("rrdp-doctype"), lambda t: "<!DOCTYPE html><html></html>"),
    "gzip inside": ("rrdp-ascii", lambda t: gzip.compress(t.encode())),
    "null page": ("rrdp-ascii", lambda t: b"\0" * 5000),
}


def one_of(found, wanted):
    return found in wanted if isinstance(wanted, tuple) else found == wanted


def test_exit_code(town, bad, tmp_path):
    """--complete tells by exit code 2 that something could not be fetched."""
    bad.offer(notice=lambda t: t[:-20])
    cache = town.cache(tmp_path / "warm")
    run = town.run(cache, 1, "--complete", show=False, check=False)
    assert run.code == 2, run.stderr
    assert town.run(cache, 1, "--complete").code == 0


def label_of(town, tmp_path, wanted):
    """Of the labels that a case may have, the one it has."""
    if isinstance(wanted, str):
        return wanted
    found = town.run(town.cache(tmp_path / "look"), 1, show=False)
    labels = found.faults.get(town.notify(), ["none"])
    assert len(labels) == 1 and labels[0] in wanted, found.stderr
    return labels[0]


@pytest.mark.parametrize("name", XML)
def test_notification(town, bad, tmp_path, name):
    wanted, change = XML[name]
    bad.offer(notice=change)
    outcome_of(town, tmp_path, label_of(town, tmp_path, wanted))


@pytest.mark.parametrize("name", XML)
def test_snapshot(town, bad, tmp_path, name):
    wanted, change = XML[name]
    bad.offer(snapshot=change(bad.snapshot()), deltas={})
    outcome_of(town, tmp_path, label_of(town, tmp_path, wanted),
               again=False)


@pytest.mark.parametrize("name", XML)
def test_delta(town, bad, tmp_path, name):
    """A delta that cannot be used costs the snapshot, and is named."""
    wanted, change = XML[name]
    text = change(bad.delta())
    bad.offer(deltas={2: text})
    run = town.run(town.cache(tmp_path / "warm"), 1, show=False)
    assert run.vrps == town.steps[1].vrps(), run.stderr
    if len(text) > 65536:  # not worth reading to its end
        assert run.labels() == [] and "large-delta-set" in run.stderr
        return
    labels = run.faults.pop(town.uri("d2.xml"))
    assert len(labels) == 1 and one_of(labels[0], wanted), run.stderr
    assert run.labels() == [], run.stderr
    assert "/s.xml" in town.server.asked("bad")


def test_prefixed(town, bad, tmp_path):
    """T-XML-05: the namespace decides, not how it is spelled."""
    def prefixed(text):
        return text.replace("<", "<r:").replace("<r:/", "</r:").replace(
            "xmlns=", "xmlns:r=", 1)
    bad.offer(snapshot=prefixed(bad.snapshot()), deltas={}, notice=prefixed)
    run = town.run(town.cache(tmp_path / "warm"), 1, show=False)
    assert run.vrps == town.steps[1].vrps() and run.labels() == []


def test_spellings(town, bad, tmp_path):
    """Hexadecimal digits and UUIDs count, not their case; comments, blanks and
    an XML declaration are passed over."""
    def shout(text):
        head = '<?xml version="1.0" encoding="us-ascii"?>\n<!-- hello -->\n'
        return head + text.replace(bad.session, bad.session.upper()) + "<!-- -->\n"
    text = bad.notice((town.uri("s.xml"), "0" * 64))
    assert shout(text) != text
    bad.offer(notice=shout, deltas={2: shout(bad.delta())})
    run = town.run(town.cache(tmp_path / "warm"), 1, show=False)
    assert run.vrps == town.steps[1].vrps() and run.labels() == []
    assert "/s.xml" not in town.server.asked("bad")


NOTICES = {
    "no snapshot": ("rrdp-snapshots", lambda b: b.document(
        "notification", "")),
    "two snapshots": ("rrdp-snapshots", lambda b: b.document(
        "notification", ('<snapshot uri="%s" hash="%s"/>' % (
            b.town.uri("s.xml"), "0" * 64)) * 2)),
    "a snapshot instead": ("rrdp-element", lambda b: b.snapshot()),
    "delta twice": ("rrdp-deltas", lambda b: b.notice(
        (b.town.uri("s.xml"), "0" * 64),
        [(2, b.town.uri("d2.xml"), "0" * 64)] * 2)),
    "delta of the future": ("rrdp-deltas", lambda b: b.notice(
        (b.town.uri("s.xml"), "0" * 64), [(3, b.town.uri("d3.xml"), "0" * 64)])),
    "delta 0": ("rrdp-serial", lambda b: b.notice(
        (b.town.uri("s.xml"), "0" * 64), [(0, b.town.uri("d0.xml"), "0" * 64)])),
    "hash of 63": ("rrdp-hash-form", lambda b: b.notice(
        (b.town.uri("s.xml"), "0" * 63))),
    "hash of 65": ("rrdp-hash-form", lambda b: b.notice(
        (b.town.uri("s.xml"), "0" * 65))),
    "hash of SHA-1": ("rrdp-hash-form", lambda b: b.notice(
        (b.town.uri("s.xml"), "0" * 40))),
    "hash of letters": ("rrdp-hash-form", lambda b: b.notice(
        (b.town.uri("s.xml"), "g" * 64))),
    "hash empty": ("rrdp-hash-form", lambda b: b.notice(
        (b.town.uri("s.xml"), ""))),
    "no hash": ("rrdp-attribute", lambda b: b.document(
        "notification", '<snapshot uri="%s"/>' % b.town.uri("s.xml"))),
    "uri empty": ("uri-scheme", lambda b: b.notice(("", "0" * 64))),
    "uri http": ("uri-scheme", lambda b: b.notice(
        ("http://bad.localhost/s.xml", "0" * 64))),
    "uri file": ("uri-scheme", lambda b: b.notice(
        ("file:///etc/passwd", "0" * 64))),
    "uri rsync": ("uri-scheme", lambda b: b.notice(
        ("rsync://bad.localhost/m/s.xml", "0" * 64))),
    "uri relative": ("uri-scheme", lambda b: b.notice(("s.xml", "0" * 64))),
    "uri with dots": ("uri-form", lambda b: b.notice(
        (b.town.uri("../../s.xml"), "0" * 64))),
    "uri with a user": ("uri-form", lambda b: b.notice(
        (b.town.uri("s.xml").replace("//", "//a:b@"), "0" * 64))),
    "uri with a fragment": ("uri-form", lambda b: b.notice(
        (b.town.uri("s.xml#a"), "0" * 64))),
    "uri with percent": ("uri-form", lambda b: b.notice(
        (b.town.uri("%2e%2e/s.xml"), "0" * 64))),
    "uri too long": ("uri-length", lambda b: b.notice(
        (b.town.uri("x" * 2048), "0" * 64))),
    "snapshot elsewhere": ("rrdp-origin", lambda b: b.notice(
        (b.town.uri("s.xml", "good"), "0" * 64))),
    "snapshot at another port": ("rrdp-origin", lambda b: b.notice(
        ("https://bad.localhost/s.xml", "0" * 64))),
    "snapshot on this machine": ("rrdp-origin", lambda b: b.notice(
        ("https://127.0.0.1:22/s.xml", "0" * 64))),
    "delta elsewhere": ("rrdp-origin", lambda b: b.notice(
        (b.town.uri("s.xml"), "0" * 64),
        [(2, b.town.uri("d2.xml", "good"), "0" * 64)])),
    "child of a delta": (("rrdp-depth", "rrdp-element"), lambda b: b.document(
        "notification", '<snapshot uri="%s" hash="%s"><snapshot/></snapshot>' % (
            b.town.uri("s.xml"), "0" * 64))),
    "text in a delta": ("rrdp-text", lambda b: b.document(
        "notification", '<snapshot uri="%s" hash="%s">x</snapshot>' % (
            b.town.uri("s.xml"), "0" * 64))),
    "larger than we take": ("http-size", lambda b: b.document(
        "notification", "\n" * 10_000_001)),
}


@pytest.mark.parametrize("name", NOTICES)
def test_list(town, bad, tmp_path, name):
    """Before any listed file is asked for."""
    wanted, make = NOTICES[name]
    bad.put("notification.xml", make(bad))
    outcome_of(town, tmp_path, label_of(town, tmp_path, wanted),
               cold=True)
    honest = [p for p in town.server.asked("bad") if p != "/notification.xml"]
    assert "/s.xml" not in honest and "/d2.xml" not in honest


PUBLISHED = {
    "above": "rsync://localhost/m/../../etc/x.roa",
    "dot": "rsync://localhost/m/./x.roa",
    "two slashes": "rsync://localhost/m//x.roa",
    "percent": "rsync://localhost/m/%2e%2e/x.roa",
    "percent zero": "rsync://localhost/m/%00x.roa",
    "backslash": "rsync://localhost/m/..\\x.roa",
    "blank": "rsync://localhost/m/x y.roa",
    "question": "rsync://localhost/m/x.roa?a",
    "fragment": "rsync://localhost/m/x.roa#a",
    "user": "rsync://u@localhost/m/x.roa",
    "port 0": "rsync://localhost:0/m/x.roa",
    "port 65536": "rsync://localhost:65536/m/x.roa",
    "port empty": "rsync://localhost:/m/x.roa",
    "host of dots": "rsync://../m/x.roa",
    "host with a dot behind": "rsync://localhost./m/x.roa",
    "no host": "rsync:///m/x.roa",
    "no module": "rsync://localhost/",
    "nothing": "",
    "https": "https://bad.localhost/x.roa",
    "file": "file:///etc/x.roa",
    "absolute path": "/etc/cron.d/x",
    "option": "--rsh=x",
    "shell": "rsync://localhost/m/`id`.roa",
    "pipe": "rsync://localhost/m/x|id",
    "delete": "rsync://localhost/m/x&#127;",
    "newline": "rsync://localhost/m/x&#10;y",
    "beyond ascii": "rsync://localhost/m/x&#233;",
    "too long": "rsync://localhost/m/" + "x" * 2048,
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_name(town, bad, tmp_path, name):
    """T-URI-01: who publishes under a name that no certificate can have is
    passed over, and who shares the server with him is not."""
    odd = bad.publish(PUBLISHED[name], b"x" * 200)
    cache = town.cache(tmp_path / "warm")
    bad.offer(snapshot=bad.snapshot(odd), deltas={})
    for where in cache, tmp_path / "cold":
        run = town.run(where, 1, show=False)
        assert run.vrps == town.steps[1].vrps(), run.stderr
        assert run.faults == {town.notify(): ["rrdp-name"]}, run.stderr
    # What was never taken is nothing to be replaced or taken away, either.
    bad.serial, bad.old = 3, bad.objects
    more = bad.publish(PUBLISHED[name], b"y", b"x" * 200)
    bad.offer(deltas={3: bad.document("delta", more)})
    run = town.run(cache, 1, show=False)
    assert run.vrps == town.steps[1].vrps(), run.stderr
    assert run.faults == {town.notify(): ["rrdp-name"]}, run.stderr
    assert town.server.asked("bad")[-1] == "/d3.xml"


def test_uris_of_others(town, bad, tmp_path):
    """What RFC 3986 allows is no fault: a query, escapes, also in a name that
    somebody else publishes in the same repository."""
    text = bad.snapshot(bad.publish(town.rsync + "bad/a%20b/%C3%A9.roa", b"x" * 200))
    bad.put("s%20x.xml?part=%2Fone", text)
    bad.put("notification.xml", bad.notice(
        (town.uri("s%20x.xml?part=%2Fone"), sha(text.encode()))))
    run = town.run(town.cache(tmp_path / "warm"), 1, show=False)
    assert run.vrps == town.steps[1].vrps() and run.labels() == [], run.stderr


@pytest.mark.parametrize("ampersand", ["&amp;", "&#38;", "&#x26;"])
def test_ampersand(town, bad, tmp_path, ampersand):
    """XML has it in two forms; a query, or a name, has it as it is."""
    odd = bad.publish(town.rsync + "bad/this" + ampersand + "that.roa", b"x" * 200)
    text = bad.snapshot(odd)
    bad.put("s.xml?key=a&until=b", text)
    bad.put("notification.xml", bad.notice(
        (town.uri("s.xml?key=a" + ampersand + "until=b"), sha(text.encode()))))
    run = town.run(town.cache(tmp_path / "warm"), 1, show=False)
    assert run.vrps == town.steps[1].vrps() and run.labels() == [], run.stderr


SNAPSHOTS = {
    "one name twice": ("rrdp-duplicate", lambda b: b.publish(
        next(iter(b.objects)), next(iter(b.objects.values())))),
    "one name twice, other octets": ("rrdp-duplicate", lambda b: b.publish(
        next(iter(b.objects)), b"other")),
    "a withdrawal": ("rrdp-element", lambda b: b.withdraw(
        b.town.rsync + "bad/x.roa", b"x")),
    "a replacement": ("rrdp-attribute", lambda b: b.publish(
        b.town.rsync + "bad/x.roa", b"x", b"y")),
    "no uri": ("rrdp-attribute", lambda b: "<publish>AAAA</publish>"),
    "nested": (("rrdp-depth", "rrdp-element"), lambda b: "<publish uri='%s'>"
               "<publish/></publish>" % (b.town.rsync + "bad/x.roa")),
    "bad alphabet": ("rrdp-base64", lambda b: "<publish uri='%s'>AA-_</publish>"
                     % (b.town.rsync + "bad/x.roa")),
    "bad padding": ("rrdp-base64", lambda b: "<publish uri='%s'>AA=A</publish>"
                    % (b.town.rsync + "bad/x.roa")),
    "no padding": ("rrdp-base64", lambda b: "<publish uri='%s'>AAA</publish>"
                   % (b.town.rsync + "bad/x.roa")),
    "only padding": ("rrdp-base64", lambda b: "<publish uri='%s'>====</publish>"
                     % (b.town.rsync + "bad/x.roa")),
    "padding twice": ("rrdp-base64", lambda b: "<publish uri='%s'>AA==AA==</publish>"
                      % (b.town.rsync + "bad/x.roa")),
    "bits behind": ("rrdp-base64", lambda b: "<publish uri='%s'>AB==</publish>"
                    % (b.town.rsync + "bad/x.roa")),
    "other session": ("rrdp-session-other", None),
    "other serial": ("rrdp-serial-other", None),
    "blank inside": ("rrdp-blank", lambda b: "<publish uri='%s'>%s</publish>" % (
        b.town.rsync + "bad/x.roa", " " * 100000)),
}


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_snapshot_content(town, bad, tmp_path, name):
    wanted, extra = SNAPSHOTS[name]
    if name == "other session":
        text = bad.snapshot(session="11111111-1111-4111-8111-111111111111")
    elif name == "other serial":
        text = bad.snapshot(serial=1)
    else:
        text = bad.snapshot(extra(bad))
    bad.offer(snapshot=text, deltas={})
    outcome_of(town, tmp_path, label_of(town, tmp_path, wanted))


def test_base64_in_lines(town, bad, tmp_path):
    """White space within base64 is fine (T-XML-06)."""
    def lines(octets):
        text = encode(octets)
        return "\n\t " + "\r\n ".join(text[i:i + 5] for i in range(0, len(text), 5))
    body = "".join(f'<publish uri="{u}">{lines(o)}</publish>'
                   for u, o in bad.objects.items())
    bad.offer(snapshot=bad.document("snapshot", body), deltas={})
    run = town.run(town.cache(tmp_path / "warm"), 1, show=False)
    assert run.vrps == town.steps[1].vrps() and run.labels() == [], run.stderr


DELTAS = {
    "empty": ("rrdp-empty-delta", lambda b: b.document("delta", "")),
    "other session": ("rrdp-session-other", lambda b: b.delta(
        session="11111111-1111-4111-8111-111111111111")),
    "other serial": ("rrdp-serial-other", lambda b: b.delta(serial=1)),
    "publish of what is held": ("rrdp-conflict", lambda b: b.document(
        "delta", b.publish(next(iter(b.old)), b"x"))),
    "replace of what is not held": ("rrdp-conflict", lambda b: b.document(
        "delta", b.publish(b.town.rsync + "bad/x.roa", b"x", b"y"))),
    "replace of another": ("rrdp-conflict", lambda b: b.document(
        "delta", b.publish(next(iter(b.old)), b"x", b"y"))),
    "withdraw of what is not held": ("rrdp-conflict", lambda b: b.document(
        "delta", b.withdraw(b.town.rsync + "bad/x.roa", b"x"))),
    "withdraw of another": ("rrdp-conflict", lambda b: b.document(
        "delta", b.withdraw(next(iter(b.old)), b"x"))),
    "withdraw without hash": ("rrdp-attribute", lambda b: b.document(
        "delta", "<withdraw uri='%s'/>" % next(iter(b.old)))),
    "withdraw with text": ("rrdp-text", lambda b: b.document(
        "delta", b.withdraw(next(iter(b.old)), b"x").replace("/>", ">AA</withdraw>"))),
    "one name twice": ("rrdp-duplicate", lambda b: b.delta(
        b.publish(next(iter(b.objects)), b"x"))),
    "withdrawn and published": ("rrdp-duplicate", lambda b: b.document(
        "delta", b.withdraw(next(iter(b.old)), next(iter(b.old.values()))) +
        b.publish(next(iter(b.old)), b"x"))),
    "good until the last": ("rrdp-conflict", lambda b: b.delta(
        b.withdraw(b.town.rsync + "bad/x.roa", b"x"))),
    "a snapshot instead": ("rrdp-element", lambda b: b.snapshot()),
}


@pytest.mark.parametrize("name", DELTAS)
@pytest.mark.parametrize("snapshot", ["there", "gone"])
def test_delta_content(town, bad, tmp_path, name, snapshot):
    """T-RRDP-01 to 04: all of a delta or none of it."""
    label, make = DELTAS[name]
    bad.offer(deltas={2: make(bad)})
    if snapshot == "gone":
        bad.put("s.xml", lambda c, r: b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")
    run = town.run(town.cache(tmp_path / "warm"), 1, show=False)
    at = town.notify() if label == "rrdp-conflict" else town.uri("d2.xml")
    assert run.faults[at][0] == label, run.stderr
    if snapshot == "gone":
        assert run.faults[town.notify()][-1] == "http-status"
        assert run.of("10.1.") == {v for v in town.steps[0].vrps()
                                   if v[1].startswith("10.1.")}
        assert run.of("10.2.") == {v for v in town.steps[1].vrps()
                                   if v[1].startswith("10.2.")}
    else:
        assert run.vrps == town.steps[1].vrps(), run.stderr
        assert run.labels() == [label]


def test_hash_of_snapshot(town, bad, tmp_path):
    bad.offer(deltas={})
    bad.put("s.xml", bad.snapshot() + "\n")
    outcome_of(town, tmp_path, "rrdp-hash")


def test_hash_of_delta(town, bad, tmp_path):
    """T-RRDP-01: neither a delta nor a snapshot of another hash is used."""
    listed = [(2, town.uri("d2.xml"), "0" * 64)]
    bad.offer(listed=listed)
    run = town.run(town.cache(tmp_path / "warm"), 1, show=False)
    assert run.faults == {town.uri("d2.xml"): ["rrdp-hash"]}, run.stderr
    assert run.vrps == town.steps[1].vrps()


def test_object_too_large(town, bad, tmp_path):
    """An object beyond the ceiling costs its point only."""
    bad.objects[town.rsync + "bad/alpha/bad/big.roa"] = b"x" * 8_000_001
    bad.offer(deltas={})
    run = town.run(town.cache(tmp_path / "warm"), 1, show=False)
    assert run.vrps == town.steps[1].vrps(), run.stderr
    assert run.kilobytes < MEMORY_KB


def test_many_tiny_objects(town, bad, tmp_path):
    """Names are what costs memory; a budget of octets does not see them."""
    extra = "".join(
        f'<publish uri="{town.rsync}bad/x/{n}.roa">AA==</publish>'
        for n in range(200_000))
    bad.offer(snapshot=bad.snapshot(extra), deltas={})
    run = town.run(town.cache(tmp_path / "warm"), 1, show=False)
    assert run.vrps == town.steps[1].vrps(), run.stderr
    assert run.kilobytes < MEMORY_KB


def test_others_names(town, bad, tmp_path):
    """T-NS-01, T-RRDP-10: who publishes or withdraws under a neighbour's names
    changes nothing of the neighbour."""
    good = {town.rsync + "good/alpha/good/" + name: b"forged" * 50
            for name in ("good.mft", "good.crl", "one.roa", "two.roa")}
    extra = "".join(bad.publish(u, o) for u, o in good.items())
    top = bad.publish(town.rsync + "top/alpha/alpha.mft", b"forged" * 50)
    bad.offer(snapshot=bad.snapshot(extra + top), deltas={})
    run = town.run(town.cache(tmp_path / "warm"), 1, show=False)
    assert run.vrps == town.steps[1].vrps() and run.labels() == [], run.stderr
    bad.serial = 3
    gone = "".join(bad.withdraw(u, o) for u, o in good.items())
    bad.offer(deltas={2: bad.delta(), 3: bad.document("delta", gone)})
    again = town.run(tmp_path / "warm", 1, show=False)
    assert again.vrps == town.steps[1].vrps() and again.labels() == []
