# SPDX-License-Identifier: BSD-2-Clause
"""kedge inspect with objects in the hand and no cache: what they say."""
import base64
import datetime
import hashlib
import gzip
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading

import pytest

from corpus import corpus, program  # noqa: F401
import mint
from mint import Key, der

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "fixtures"
PEER = shutil.which("rpki-client", path=os.environ["PATH"] + ":/usr/sbin")


@pytest.fixture
def inspect(program, tmp_path):
    def run(*args, **more):
        more.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run(
            [program, "-r", tmp_path / "no-cache", "--tal", "ripe", "inspect",
             *map(str, args)], capture_output=True, timeout=120,
            **{"text": True, **more})
    return run


@pytest.fixture
def sheets(inspect):
    def run(*args, **more):
        return [json.loads(line) for line in
                inspect("-j", *args, **more).stdout.splitlines()]
    return run


def label(sheet):
    return sheet.get("fault", {}).get("label")


# --- DER, just enough to wrap the content of a fixture into an envelope

def oid(hexadecimal):
    return der(6, bytes.fromhex(hexadecimal))


SHA256 = der(0x30, oid("608648016503040201"))
CONTENT_TYPES = {"roa": "18", "manifest": "1a", "gbr": "23", "rsc": "30",
                 "aspa": "31", "tak": "32", "spl": "33"}


def envelope(kind, content):
    """A signed object but for its signature, which comes last of all."""
    ee = (FIXTURES / "cert" / ("bare" if kind == "rsc" else "ee") / "good"
          / "plain.cer").read_bytes()
    ski = ee[ee.index(bytes.fromhex("0603551d0e04160414")) + 9:][:20]
    econtent = oid("2a864886f70d01091001" + CONTENT_TYPES[kind])
    attributes = [
        der(0x30, oid("2a864886f70d010903"), der(0x31, econtent)),
        der(0x30, oid("2a864886f70d010905"), der(0x31, der(0x17, b"260101000000Z"))),
        der(0x30, oid("2a864886f70d010904"),
            der(0x31, der(4, hashlib.sha256(content).digest()))),
    ]
    signer = der(0x30, der(2, b"\3"), der(0x80, ski), SHA256,
                 der(0xa0, *sorted(attributes)),
                 der(0x30, oid("2a864886f70d010101"), b"\5\0"), der(4, bytes(256)))
    data = der(0x30, der(2, b"\3"), der(0x31, SHA256),
               der(0x30, econtent, der(0xa0, der(4, content))),
               der(0xa0, ee), der(0x31, signer))
    return der(0x30, oid("2a864886f70d010702"), der(0xa0, data))


# --- the project's own fixtures

CONTENT = {"roa": "asn", "manifest": "files", "gbr": "vcard", "rsc": "files",
           "aspa": "providers", "tak": "current", "spl": "asn"}
WHOLE = {"cert/ca": "subject", "cert/router": "public_key", "cert/ta": "subject",
         "crl": "this_update", "cms": "ee", "tal": "uris",
         "rrdp/notification": "deltas"}

# As a file, a certificate is what it says it is, not what its folder says.
TAKEN_FOR_ANOTHER = {
    "cert-extension-missing.anchor-as-file.cer": "ta-signature",
    "cert-extension-forbidden.eku.cer": "",
    "cert-extension-missing.bc.cer": "",
}
FILLER = {"cms": "object-signature", "cert/ta": "ta-signature"}


EMPTY = {kind: len(envelope(kind, b"")) for kind in CONTENT}


@pytest.mark.parametrize("kind", sorted(CONTENT))
def test_fixtures_of_content(sheets, tmp_path, kind):
    files = []
    for path in sorted((FIXTURES / kind).glob("*/*")):
        files.append(tmp_path / f"{path.parent.name}-{path.name}")
        files[-1].write_bytes(envelope(kind, path.read_bytes()))
    assert len(files) > 5
    for sheet, file in zip(sheets(*files), files):
        quality, name = file.name.split("-", 1)
        assert sheet["type"] == kind, file
        if quality == "good":
            # Its EE is nobody's: neither what it covers nor what signs is its own.
            assert CONTENT[kind] in sheet, file
            assert label(sheet) in ("object-signature", "manifest-crl-uri", "tak-mismatch") \
                or "uncovered" in label(sheet) or "-ee" in label(sheet), (file, label(sheet))
        else:
            # An envelope without content fails by that.
            wanted = "cms-content" if file.stat().st_size == EMPTY[kind] \
                else name.split(".")[0]
            assert label(sheet) == wanted, (file, label(sheet))
            assert sheet["validation"] == "rejected"


@pytest.mark.parametrize("folder", sorted(WHOLE))
def test_fixtures_of_whole_files(sheets, folder):
    files = sorted([*(FIXTURES / folder).glob("good/*"),
                    *(FIXTURES / folder).glob("bad/*")])
    assert len(files) > 5
    for sheet, file in zip(sheets(*files), files):
        assert sheet["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
        assert sheet["size"] == file.stat().st_size
        if file.parent.name == "good":
            # Signatures in there are filler.
            assert label(sheet) == FILLER.get(folder), file
            assert sheet["validation"] == ("rejected" if label(sheet) else "unknown"), file
            assert sheet[WHOLE[folder]] is not None, file
        else:
            wanted = TAKEN_FOR_ANOTHER.get(file.name, file.name.split(".")[0])
            assert label(sheet) == wanted or wanted == "", (file, label(sheet))


def test_notes_of_what_is_let_pass(sheets):
    sheet, = sheets(FIXTURES / "crl" / "good" / "empty-list.crl")
    assert [n["label"] for n in sheet["notes"]] == ["crl-empty-list"]


# --- what others made, and what rpki-client says of it

@pytest.fixture
def objects(corpus):
    where = corpus / "objects"
    with open(where / "IDENT.tsv", encoding="utf-8") as table:
        rows = [line.rstrip("\n").split("\t") for line in table][1:]
    return {where / row[0]: row[3] == "parsed" for row in rows
            if (where / row[0]).exists()}


# Where kedge decides otherwise than rpki-client 9.8, and why.
OTHERWISE = {
    # Ghostbusters records, which 9.8 does not read any more.
    "ClF4YOBviAEnwFokhNG1NXBZjEA.gbr", "VZgMGXDlMc_DQX3QkQKbaQ0K8vM.gbr",
    "5GzpWH5N-vMm_nh7A93VwzaW4zk.gbr", "LMrbiOIR4bDInnBEXLsY5MZ1q1U.gbr",
    "jkpjwLmZhnrotSqF7o9qqEzSOXs.gbr",
    # Trust anchors, of which 9.8 asks that they be current.
    "apnic-rpki-root-iana-origin-includes-policy-with-cps.cer", "ta.cer",
    "ripe-ncc-pilot.cer", "AfriNIC.cer", "apnic-rpki-root-iana-origin.cer",
    # A checklist whose resources its EE does not have: 9.8 says so later.
    "koen-mismatch.sig",
    # An EE that inherits addresses but no AS numbers (RFC 9286 5.1 allows it).
    "praQSFw521ZTbV9xdb8--UIzAA8.mft",
    # An EE of its issuer's name: found by whoever looks for the issuer.
    "AS945.asa",
}


def test_corpus_of_objects(sheets, objects):
    found = sheets(*objects)
    assert [s["name"] for s in found] == [str(f) for f in objects]
    differ = {f.name for s, (f, parsed) in zip(found, objects.items())
              # BER of indefinite length, which 9.8 still takes.
              if (label(s) is None) != parsed and label(s) != "der-length"}
    assert differ <= OTHERWISE and len(found) > 100
    assert sum(label(s) is None for s in found) > 60


def colons(key):
    return ":".join(key[i:i + 2] for i in range(0, len(key), 2))


def seconds(time):
    return int(datetime.datetime.strptime(time, "%Y-%m-%dT%H:%M:%S%z").timestamp())


def number(hexadecimal):
    return int(hexadecimal, 16)


def hash_of(text):
    return base64.b64encode(bytes.fromhex(text)).decode()


def their_resources(theirs):
    for one in theirs:
        if "asid" in one:
            yield f"AS{one['asid']}"
        elif "asrange" in one:
            yield f"AS{one['asrange']['min']}-AS{one['asrange']['max']}"
        elif "ip_prefix" in one:
            yield one["ip_prefix"]
        elif "ip_range" in one:
            yield f"{one['ip_range']['min']}-{one['ip_range']['max']}"
        else:
            yield "inherit"


def of_certificate(sheet):
    cert = sheet.get("ee", sheet)
    yield "hash_id", hash_of(sheet["sha256"])
    if "ski" in cert:
        yield "ski", colons(cert["ski"])
    if "aki" in cert:
        yield "aki", colons(cert["aki"])
    if "serial" in cert:
        yield "cert_serial", number(cert["serial"])
    for ours, theirs in (("aia", "aia"), ("signed_object", "sia"),
                         ("manifest_uri", "manifest"), ("notify", "notify_url"),
                         ("ca_repository", "carepository"),
                         ("vcard", "vcard")):
        if ours in (sheet if ours == "vcard" else cert):
            yield theirs, (sheet if ours == "vcard" else cert)[ours]


def of_content(sheet):
    kind = sheet["type"]
    if kind == "roa":
        yield "vrps", [(p["prefix"], sheet["asn"], p["max_length"])
                       for p in sheet["prefixes"]]
    if kind == "manifest":
        yield "manifest_number", number(sheet["number"])
        yield "valid_since", seconds(sheet["this_update"])
        yield "valid_until", seconds(sheet["next_update"])
        yield "filesandhashes", [(f["name"], hash_of(f["sha256"]))
                                 for f in sheet["files"]]
    if kind == "crl":
        yield "crl_serial", number(sheet["number"])
        yield "valid_since", seconds(sheet["this_update"])
        yield "valid_until", seconds(sheet["next_update"])
        yield "revoked_certs", sorted(number(r["serial"]) for r in sheet["revoked"])
    if kind == "certificate":
        yield "valid_until", seconds(sheet["not_after"])
        yield "subordinate_resources", sorted(
            "inherit" if r.startswith("inherit") else r for r in sheet["resources"])
        if "public_key" in sheet:
            yield "router_key", sheet["public_key"]
    if kind == "tak":
        yield "takeys", [(k, sheet[k]["comments"], sheet[k]["uris"],
                          sheet[k]["public_key"])
                         for k in ("predecessor", "current", "successor")
                         if k in sheet]
    if kind == "rsc":
        yield "signed_with_resources", sorted(sheet["signed_with"])
        yield "filenamesandhashes", [(f.get("name"), hash_of(f["sha256"]))
                                     for f in sheet["files"]]
    if kind == "tal":
        yield "ski", colons(sheet["key_id"])
        yield "trust_anchor_locations", sorted(sheet["uris"])


def theirs_as_ours(key, value):
    """What rpki-client 8.2 prints, in the terms of the above."""
    if key in ("cert_serial", "manifest_number", "crl_serial"):
        return number(value)
    if key == "vrps":
        return [(v["prefix"], v["asid"], v["maxlen"]) for v in value]
    if key == "filesandhashes":
        return [(f["filename"], f["hash"]) for f in value]
    if key == "filenamesandhashes":
        return [(f.get("filename") or None, f["hash_digest"]) for f in value]
    if key == "revoked_certs":
        return sorted(number(r["serial"]) for r in value)
    if key in ("subordinate_resources", "signed_with_resources"):
        return sorted(their_resources(value))
    if key == "takeys":
        return [(k["name"], k["comments"], k["uris"], k["spki"]) for k in value]
    return sorted(value) if key == "trust_anchor_locations" else value


def peer_sheet(file, folder):
    done = subprocess.run([PEER, "-j", "-d", folder, "-f", file],
                          capture_output=True, text=True, timeout=60,
                          errors="replace")
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError:
        return {}  # it quotes some texts in ways that JSON does not have


@pytest.mark.skipif(PEER is None, reason="no rpki-client")
def test_every_field_as_rpki_client_has_it(sheets, objects):
    """Field by field, on every object that both can read."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)  # it becomes another user
        compared = compare(sheets(*objects), objects, folder)
    assert len(compared) >= 15, compared
    assert compared["vrps"] >= 5 and compared["filesandhashes"] >= 3
    assert compared["subordinate_resources"] >= 10


def compare(found, objects, folder):
    """How often each field was compared; all were equal."""
    compared = {}
    for sheet, file in zip(found, objects):
        peer = peer_sheet(file, folder)
        if label(sheet) is not None or "type" not in peer and "ski" not in peer:
            continue
        ours = dict([*of_certificate(sheet), *of_content(sheet)])
        for key in ours.keys() & peer.keys():
            assert ours[key] == theirs_as_ours(key, peer[key]), (file, key)
            compared[key] = compared.get(key, 0) + 1
    print(compared)
    return compared


# --- what another program signs

KEYID, BARE = ["-nodetach", "-keyid"], ["-nodetach", "-keyid", "-nosmimecap"]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl")
@pytest.mark.parametrize("options, fault", [
    (BARE, None),
    (KEYID, "cms-forbidden"),
    (BARE[:1] + BARE[2:], "cms-sid"),
    (BARE[1:], "cms-content"),
    ([*BARE, "-nocerts"], "cms-certificates"),
    ([*BARE, "-cades"], "cms-forbidden"),
    ([*KEYID, "-noattr"], "cms-attributes"),
    ([*BARE, "-md", "sha512"], "cms-algorithm"),
    ([*BARE, "-keyopt", "rsa_padding_mode:pss"], "cms-signature-algorithm"),
    ([*BARE, "-stream"], "der-length"),
])
def test_what_openssl_signs(sheets, tmp_path, options, fault):
    """CMS as it is usual elsewhere, and as RFC 6488 narrows it."""
    ee = mint.certificate(CA, mint.EE, 7, BEGIN, END, frozenset([2]),
                          [("11", HOME + "a.roa")], HOME + "a.crl", HOME + "a.cer", "roa")
    block = mint.seq(mint.octets(b"\0\1"), mint.seq(mint.seq(mint.prefix(2))))
    (tmp_path / "content").write_bytes(mint.seq(mint.integer(64496), mint.seq(block)))
    for name, kind, octets in (("ee.pem", "CERTIFICATE", ee),
                               ("ee.key", "RSA PRIVATE KEY", mint.EE.private())):
        (tmp_path / name).write_text(
            f"-----BEGIN {kind}-----\n{base64.encodebytes(octets).decode()}"
            f"-----END {kind}-----\n")
    subprocess.run(["openssl", "cms", "-sign", "-binary", "-in", "content", "-signer",
                    "ee.pem", "-inkey", "ee.key", "-outform", "DER", "-out", "a.roa",
                    "-md", "sha256", "-econtent_type", mint.CONTENT["roa"], *options],
                   cwd=tmp_path, check=True, capture_output=True)
    sheet, = sheets(tmp_path / "a.roa")
    assert (sheet["type"], label(sheet)) == ("roa", fault)


# --- what else may be in the hand

HOME, BEGIN, END = "rsync://r.example/m/", 1772323200, 1803859200
CA = Key(1)
ROA = mint.origin(CA, 7, BEGIN, END, HOME + "a.roa", HOME + "a.crl", HOME + "a.cer",
                  64496, 2, 3).der


@pytest.fixture
def roa(tmp_path):
    (tmp_path / "plain.roa").write_bytes(ROA)
    return tmp_path / "plain.roa"


def listing(*names, crl=HOME + "a.crl"):
    """A manifest at a.mft."""
    return mint.manifest(CA, 8, BEGIN, END, HOME + "a.mft", crl, HOME + "a.cer", 1, BEGIN,
                         END, [(n, bytes(32)) for n in names]).der


ANCHOR = mint.authority(CA, CA, 9, BEGIN, END, frozenset([2]), HOME, HOME + "a.mft", None).der


@pytest.mark.parametrize("name, octets, fault", [
    ("a.roa", ROA, None),
    ("a.roa", ROA[:-1] + bytes([ROA[-1] ^ 1]), "object-signature"),
    ("a.mft", listing("a.crl", "a.roa"), None),
    ("a.mft", listing("a.crl", "a.mft"), "manifest-self"),
    ("a.mft", listing("b.crl", "a.roa"), "manifest-crl-uri"),
    ("a.mft", listing("a.crl", crl="rsync://mirror.example/m/a.crl"), None),
    ("a.cer", ANCHOR, None),
    ("a.cer", ANCHOR[:-1] + bytes([ANCHOR[-1] ^ 1]), "ta-signature"),
])
def test_what_shows_without_an_issuer(sheets, tmp_path, name, octets, fault):
    (tmp_path / name).write_bytes(octets)
    sheet, = sheets(tmp_path / name)
    assert label(sheet) == fault
    assert sheet["validation"] == ("rejected" if fault else "unknown")


def test_exit_codes(inspect, roa):
    assert inspect(roa).returncode == 2
    assert inspect(FIXTURES / "cms" / "bad" / "cms-type.data.roa").returncode == 1
    assert inspect(roa, "/nowhere.roa").returncode == 1
    done = inspect()
    assert done.returncode == 1 and "kedge inspect FILE|URI|SHA256..." in done.stderr


def test_one_line_of_json_for_each(inspect, tmp_path):
    (tmp_path / "empty.cer").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe.roa")
    writer = threading.Thread(
        target=(tmp_path / "pipe.roa").write_bytes, args=[ROA])
    writer.start()
    done = inspect("-j", tmp_path / "empty.cer", tmp_path, "/nowhere.roa",
                   tmp_path / "pipe.roa", "-", "rsync://r.example/m/a.roa",
                   "0" * 64, text=False, input=ROA, stdin=None)
    writer.join()
    found = [json.loads(line) for line in done.stdout.splitlines()]
    by_name = {s["name"]: s for s in found}
    assert len(found) == 7 and done.returncode == 1
    assert label(by_name[str(tmp_path / "empty.cer")]) == "der-truncated"
    assert "a folder; name the files in it" in by_name[str(tmp_path)]["reason"]
    assert by_name["/nowhere.roa"]["reason"].endswith("No such file or directory")
    for name in (str(tmp_path / "pipe.roa"), "-"):
        assert by_name[name]["type"] == "roa"
        assert by_name[name]["asn"] == 64496
    for name in ("rsync://r.example/m/a.roa", "0" * 64):
        assert by_name[name]["validation"] == "absent"
        assert "nothing in this cache" in by_name[name]["reason"]


def test_too_large(inspect, tmp_path):
    with open(tmp_path / "large.roa", "wb") as large:
        large.write(ROA)
        large.truncate(100_000_000)
    done = inspect(tmp_path / "large.roa")
    assert done.returncode == 1 and done.stdout == ""
    assert "more than 8000000 octets" in done.stderr
    assert "--max-object-size" in done.stderr


def test_compressed(inspect, tmp_path):
    packed = gzip.compress(ROA)
    (tmp_path / "a.roa.gz").write_bytes(packed)
    for done in (inspect(tmp_path / "a.roa.gz"),
                 inspect("-", text=False, input=packed, stdin=None)):
        assert done.returncode == 1 and not done.stdout
        assert "zcat FILE | kedge inspect -" in str(done.stderr)


def test_cut_off_anywhere(sheets, tmp_path):
    octets = ROA
    files = []
    for size in range(0, len(octets), 37):
        files.append(tmp_path / f"{size}.roa")
        files[-1].write_bytes(octets[:size])
    found = sheets(*files)
    assert len(found) == len(files)
    assert {s["validation"] for s in found} == {"rejected"}


def test_nothing_foreign_reaches_the_terminal(inspect, tmp_path):
    hostile = (FIXTURES / "gbr" / "bad" / "gbr-form.control.gbr").read_bytes()
    assert b"\x1b" in hostile
    name = tmp_path / "a\x1b[2J\n\u202e.gbr"
    name.write_bytes(envelope("gbr", hostile))
    done = inspect(name, text=False)
    assert all(0x20 <= c < 0x7f or c == 0x0a for c in done.stdout)
    assert b"\\x1b" in done.stdout
    sheet = json.loads(inspect("-j", name).stdout)
    assert sheet["vcard"].encode()[:11] == b"BEGIN:VCARD"
    assert "\x1b" in sheet["vcard"] and sheet["name"] == str(name)


def test_content_goes_before_a_wrong_name(sheets, tmp_path):
    for name, fault in (("x", None), ("x.mft", "cms-kind"), ("x.cer", "der-tag"),
                        ("x.tal", "tal-text")):
        (tmp_path / name).write_bytes(ROA)
        sheet, = sheets(tmp_path / name)
        assert (sheet["type"], sheet["asn"], label(sheet)) == ("roa", 64496, fault)


def test_a_reader_that_leaves(program, tmp_path):
    many = [str(FIXTURES / "aspa" / "good" / "4001-providers.asa")] * 400
    first = tmp_path / "first"
    done = subprocess.run(
        ["sh", "-c", '"$0" -r /nowhere --tal ripe inspect "$@" | head -n 1 >'
         + str(first), program, *many],
        capture_output=True, text=True, timeout=120)
    assert first.read_text().startswith("Object:")
    assert done.stderr == ""
