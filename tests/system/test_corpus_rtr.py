# SPDX-License-Identifier: BSD-2-Clause
"""What other caches say and what other suites ask, octet by octet: recorded
answers and whole dumps of the Internet are read by `kedge rtr`, and written
dialogues are held with `kedge server`."""
import base64
import bz2
import csv
import ipaddress
import json
import os
import pathlib
import re
import socket
import struct
import subprocess
import threading
import time

import pytest

from cache import running
from corpus import SOURCE, Validator, corpus, dated, internet, program  # noqa: F401
from daemon import until
from router import (ASPA, CACHE_RESET, END, ERROR, IPV4, IPV6, NOTIFY, RESPONSE,
                    ROUTER_KEY, Local, Pdu)

SESSION = 42


class Recorded:
    """A cache that says one thing after each query, whatever was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._serve)

    def _query(self, peer):
        head = peer.recv(8, socket.MSG_WAITALL)
        if len(head) < 8:
            return False
        self.asked.append(head + peer.recv(struct.unpack(">I", head[4:])[0] - 8,
                                           socket.MSG_WAITALL))
        return True

    def _serve(self):
        peer, _ = self.listener.accept()
        with peer:
            for answer in self.answers:
                if not self._query(peer):
                    return
                peer.sendall(answer)
            peer.settimeout(60)
            try:
                while peer.recv(4096):
                    pass
            except OSError:
                pass

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *what):
        self.listener.close()
        self.thread.join()


@pytest.fixture
def ask(program, tmp_path):
    def run(server, *words, check=True):
        done = subprocess.run([program, "rtr", f"127.0.0.1:{server.port}", *words],
                              capture_output=True, text=True, timeout=120)
        assert done.returncode == 0 or not check, done.stderr
        return done
    return run


def vrps(text):
    return {tuple(row[:3]) for row in csv.reader(text.splitlines()[1:])}


# --- answers of other caches, recorded

@pytest.mark.parametrize("name", ["fort-1.5.4", "stayrtr-0.5.1"])
@pytest.mark.parametrize("version", [0, 1])
def test_recorded_set(corpus, ask, name, version):
    stream = corpus / "rtr" / "streams" / f"{name}-v{version}-reset-ripe-pilot.bin"
    with Recorded(stream.read_bytes()) as cache:
        done = ask(cache, "--rtr-version", str(version), "--format", "csv")
    assert cache.asked == [struct.pack(">BBHI", version, 2, 0, 8)]
    oracle = corpus / "ripe-pilot-2023" / "oracle-at" / "20230804T120000Z.fort-1.5.4.csv"
    wanted = {tuple(row[:3]) for row in csv.reader(oracle.open())
              if row[0].startswith("AS") and row[0] != "ASN"}
    assert len(wanted) == 782 and vrps(done.stdout) == wanted


def test_recorded_error(corpus, ask):
    """StayRTR's answer to version 9: to us it refuses what we can step down from,
    and says it once more."""
    stream = (corpus / "rtr" / "streams" / "stayrtr-0.5.1-v9-unsupported.bin").read_bytes()
    report = Pdu(stream)
    assert (report.type, report.field) == (ERROR, 4)
    with Recorded(stream) as cache:
        done = ask(cache, "--rtr-version", "0", check=False)
    assert done.returncode == 1 and done.stdout == ""
    assert "version" in done.stderr, done.stderr


def captured(corpus):
    """The TCP payload of tcpdump's one packet."""
    packet = (corpus / "rtr" / "tcpdump" / "rpki-rtr-oobr.pcap").read_bytes()[24 + 16:]
    ip = packet[packet.index(b"\x45"):]
    tcp = ip[4 * (ip[0] & 15):]
    payload = tcp[4 * (tcp[12] >> 4):]
    assert payload[0] == 0xab and len(payload) == 10
    return payload


def test_captured_as_an_answer(corpus, ask):
    with Recorded(captured(corpus)) as cache:
        done = ask(cache, check=False)
    assert done.returncode == 1 and done.stdout == ""


# --- dumps of other validators, served by a cache of a few lines

def prefix_pdu(version, roa, announce=1):
    net = ipaddress.ip_network(roa["prefix"])
    return struct.pack(">BBHIBBBB", version, IPV4 if net.version == 4 else IPV6, 0,
                       16 + len(net.network_address.packed), announce, net.prefixlen,
                       roa["maxLength"], 0) + net.network_address.packed + struct.pack(
                           ">I", int(str(roa["asn"]).removeprefix("AS")))


def framed(version, serial, pdus):
    return b"".join([struct.pack(">BBHI", version, RESPONSE, SESSION, 8), *pdus,
                     struct.pack(">BBHIIIII", version, END, SESSION, 24, serial,
                                 3600, 600, 7200)])


def test_dump_of_every_kind(corpus, ask):
    """APNIC's input: origins, a router key, and ASPAs."""
    made = json.loads((corpus / "rtr" / "apnic-rpki-rtr-demo" / "rpki.json").read_text())
    pdus = sorted({prefix_pdu(2, roa) for roa in made["roas"]},
                  key=lambda p: (p[1], *order(p)))
    for key in made["bgpsec_keys"]:
        spki = base64.b64decode(key["pubkey"])
        pdus.append(struct.pack(">BBBBI", 2, ROUTER_KEY, 1, 0, 32 + len(spki)) +
                    bytes.fromhex(key["ski"]) + struct.pack(">I", key["asn"]) + spki)
    for aspa in made["aspas"]:
        pdus.append(struct.pack(f">BBBBII{len(aspa['providers'])}I", 2, ASPA, 1, 0,
                                12 + 4 * len(aspa["providers"]),
                                aspa["customer_asid"], *aspa["providers"]))
    with Recorded(framed(2, 1, pdus)) as cache:
        found = json.loads(ask(cache, "--format", "json").stdout)
    assert {(r["asn"], r["prefix"], r["maxLength"]) for r in found["roas"]} == {
        (f"AS{r['asn']}", r["prefix"], r["maxLength"]) for r in made["roas"]}
    assert [(k["SKI"], k["routerPublicKey"].rstrip("=")) for k in found["routerKeys"]] == [
        (k["ski"], k["pubkey"].rstrip("=")) for k in made["bgpsec_keys"]]
    assert [(a["customer"], a["providers"]) for a in found["aspas"]] == [
        (f"AS{a['customer_asid']}", [f"AS{p}" for p in a["providers"]])
        for a in made["aspas"]]


def order(pdu):
    """draft-ietf-sidrops-8210bis 11: by prefix, the longer maximum first."""
    at = pdu[12:-4]
    return at, -pdu[9], -pdu[10], pdu[-4:]


def small(corpus):
    folder = corpus / "vrp-exports"
    return [folder / "gortr" / "test.rpki.json", folder / "stayrtr" / "test.rpki.json",
            folder / "stayrtr" / "smalltest.rpki.json", folder / "rtrtr" / "vrps.json",
            folder / "rtrtr" / "vrps-metadata.json",
            folder / "rtrtr" / "vrps.rpki-client.json"]


def test_dumps_of_a_few(corpus, ask):
    for path in small(corpus):
        roas = json.loads(path.read_text())["roas"]
        with Recorded(framed(1, 1, sorted({prefix_pdu(1, r) for r in roas}))) as cache:
            done = ask(cache, "--rtr-version", "1", "--format", "csv")
        assert vrps(done.stdout) == {
            Pdu(prefix_pdu(1, r)).vrp() for r in roas}, path


@pytest.mark.skipif("KEDGE_LONG" not in os.environ, reason="KEDGE_LONG is not set")
def test_the_whole_internet(corpus, program, tmp_path):
    """Two dumps, half an hour apart: 723,521 VRPs, and what changed."""
    log = corpus / "vrp-exports" / "rpkilog"
    sets = []
    for stamp in ("093135", "100145"):
        with bz2.open(log / f"rpkiclient_summary_20250720T{stamp}Z.json.bz2") as dump:
            sets.append({prefix_pdu(1, roa) for roa in json.load(dump)["roas"]})
    old, new = sets
    assert len(old) == 723521
    gone = [p[:8] + b"\0" + p[9:] for p in old - new]
    whole = framed(1, 1, old) + struct.pack(">BBHII", 1, NOTIFY, SESSION, 12, 2)
    out = (tmp_path / "followed").open("wb")
    with Recorded(whole, framed(1, 2, [*gone, *(new - old)])) as cache:
        follower = subprocess.Popen(
            [program, "rtr", f"127.0.0.1:{cache.port}", "--rtr-version", "1", "--follow"],
            stdout=out, stderr=subprocess.STDOUT)

        def lines():
            return (tmp_path / "followed").read_bytes().count(b"\n")
        try:
            until(lambda: lines() >= len(old) + len(old ^ new), "both sets", 300)
        finally:
            follower.terminate()
            follower.wait(timeout=60)
    said = (tmp_path / "followed").read_text().splitlines()
    assert set(said[:len(old)]) == {f"+ {shown(p)}" for p in old}
    assert set(said[len(old):]) == ({f"- {shown(p)}" for p in old - new} |
                                    {f"+ {shown(p)}" for p in new - old})
    with bz2.open(log / "rpkiclient_vrpdiff_20250720T100145Z.json.bz2") as diff:
        verbs = [one["verb"] for one in json.load(diff)["vrp_diffs"]]
    assert len(said) - len(old) == verbs.count("NEW") + verbs.count("DELETE")


def shown(octets):
    asn, prefix, most = Pdu(octets).vrp()
    return f"{asn} {prefix}-{most}"


# --- dialogues that BBN's RPSTIR is tested with

@pytest.fixture(scope="module")
def served(forge, tmp_path_factory):
    with running(forge, tmp_path_factory.mktemp("rtr")) as one:
        yield one


def query(words):
    """The PDU that a line of a dialogue names."""
    kind, *values = words
    if kind == "serial_notify":
        return struct.pack(">BBHII", 0, NOTIFY, int(values[0]), 12, int(values[1]))
    if kind == "serial_query":
        return struct.pack(">BBHII", 0, 1, int(values[0]), 12, int(values[1]))
    if kind in ("cache_response", "cache_reset"):
        return struct.pack(">BBHI", 0, {"cache_response": RESPONSE}.get(kind, CACHE_RESET),
                           int(values[0]) if values else 0, 8)
    if kind == "end_of_data":
        return struct.pack(">BBHII", 0, END, int(values[0]), 12, int(values[1]))
    if kind == "error_report":
        return struct.pack(">BBHIII", 0, ERROR, int(values[0]), 16, 0, 0)
    flags, length, most, address, asn = values
    at = ipaddress.ip_address(address).packed
    return struct.pack(">BBHIBBBB", 0, IPV4 if kind == "ipv4_prefix" else IPV6, 0,
                       16 + len(at), int(flags), int(length), int(most), 0) + at + (
                           struct.pack(">I", int(asn)))


def turns(path):
    """(words, what is expected) of a dialogue."""
    return re.findall(r"^--- (\w.*)\n--- expecting: (.*)", path.read_text(), re.M)


@pytest.mark.parametrize("name", ["bad_pdu_usage", "bad_pdu_sequence"])
def test_rpstir_dialogue(corpus, served, name):
    for words, wanted in turns(corpus / "rtr" / "rpstir" / f"response.{name}.log.correct"):
        router = served.router(0)
        sent = query(words.split())
        router.send(sent)
        if wanted == "no response":
            # Each of them is fatal or asks for nothing: nothing comes of it.
            router.socket.shutdown(socket.SHUT_WR)
            assert router.read() is None, words
        else:
            report = router.read()
            assert (report.type, report.field) in ((ERROR, 3), (ERROR, 0)), words
            assert report.body[4:4 + len(sent)] == sent, words
        router.close()


def test_captured_as_a_query(corpus, served):
    """No version that anyone speaks, and a length that no PDU has."""
    router = served.router()
    router.send(captured(corpus))
    report = router.read()
    assert report is None or (report.type, report.field) in ((ERROR, 4), (ERROR, 0))
    router.close()
    assert served.router().reset()


# --- dialogues of LACNIC's suite for RFC 6810

def spelled(pdu):
    """A PDU in the words of the suite."""
    head = f"version {pdu.version}"
    size = f"length {pdu.length}"
    if pdu.type == RESPONSE:
        return f"cache-response {head} session {pdu.field} {size}"
    if pdu.type == CACHE_RESET:
        return f"cache-reset {head} zero {pdu.field} {size}"
    if pdu.type == NOTIFY:
        return f"serial-notify {head} session {pdu.field} {size} serial {pdu.serial}"
    if pdu.type == END:
        return f"end-of-data {head} session {pdu.field} {size} serial {pdu.serial}"
    if pdu.type in (IPV4, IPV6):
        asn, prefix, most = pdu.vrp()
        address, length = prefix.split("/")
        return (f"ipv{4 if pdu.type == IPV4 else 6}-prefix {head} zero1 {pdu.field} {size} "
                f"flags {pdu.body[0]} plen {length} maxlen {most} zero2 {pdu.body[3]} "
                f"prefix {address} as {asn[2:]}")
    assert pdu.type == ERROR
    inside, = struct.unpack(">I", pdu.body[:4])
    return (f"error-report {head} error-code {pdu.field} encapsulated {inside} "
            f"{pdu.body[4:4 + inside].hex()}")


class Dialogue:
    """One connection of a test, over all of its steps."""

    def __init__(self, path):
        self.path, self.router = path, None

    def send(self, words):
        if words[0] == "sleep":
            time.sleep(int(words[1]) / 1000)
        elif words[0] == "raw":
            text = "".join(words[1:])
            if "<session>" in text:
                text = text.replace("<session>", f"{self.router.session:04x}")
            self.router.send(bytes.fromhex(text))
        elif words[0] == "error-report":
            self.router.send(query(["error_report", words[4]]))
        elif words[0] == "reset-query":
            self.router.ask_reset()
        else:
            self.router.ask_serial(serial=int(words[2]))

    def heard(self, wanted):
        """Prefixes come in any order (RFC 6810 5.6); notifies, where the suite has
        its cache send one late, when a run ends."""
        while wanted:
            pdu = self.router.read_but_notify()
            assert pdu is not None, wanted
            if pdu.type in (RESPONSE, END):
                self.router.session = pdu.field
            text = spelled(pdu)
            for one in wanted:
                if re.fullmatch(one, text):
                    wanted.remove(one)
                    break
            else:
                raise AssertionError(f"{text}\nis not among\n" + "\n".join(wanted))

    def hold(self, script):
        for part in re.split(r"^(?=SEND|CONNECT)", script, flags=re.M):
            (verb, *words), *rest = [line.split() for line in part.splitlines()] or [[""]]
            if verb == "CONNECT":
                self.close()
                self.router = Local(self.path, 0)
            elif verb == "SEND":
                self.send(words)
                self.heard([pattern(line[1:]) for line in rest
                            if line[1] != "serial-notify"])

    def close(self):
        if self.router is not None:
            self.router.close()


def pattern(words):
    """What spelled() must say, from an EXPECT line."""
    if words[0] == "error-report":
        return rf"error-report version {words[2]} error-code {words[4]} .*000c000000000008"
    return " ".join(words).replace("(reserved|zero)", "zero")


class Serving(Validator):
    """kedge server inside a realm."""

    def __init__(self, program, net, folder, history, *options):
        super().__init__(program, net, folder, *options, "--state-dir", folder / "state")
        self.history = history
        self.local = folder / "rtr"
        self.log = folder / "log"
        self.process = None

    def start(self):
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*self.net.enter(), *map(str, [
                    self.program, "server", *self.options, "-v", "--refresh", "86400",
                    "--history", self.history, "--rtr-socket", self.local])], stdout=log, stderr=log)

    def end(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=60)

    def publish(self, step, number):
        """Show a step, and what it gives to routers."""
        self.net.show("localhost", {"rpki": dated(step / "rsync", self.folder / step.name,
                                                  number)}, step / "rrdp")
        if self.process is None:
            self.start()
        else:
            done = self.command("run")
            assert done.returncode == 0, done.stderr
        until(lambda: f"serial {number}\n" in self.log.read_text(), self.log.read_text())


ROOT = pathlib.Path(os.environ.get("KEDGE_CORPUS", SOURCE.parent / "shared" / "corpus"))
# Its first step sets another cache's serial by its files.
FOREIGN = "4-1-serial-number-wraparound"
DIALOGUES = sorted({p.parent.parent.name for p in
                    (ROOT / "rapport" / "rfc6810").glob("*/run1/rtr.txt")} - {FOREIGN})


@pytest.fixture(scope="module")
def host(internet):
    return internet({"localhost": 8873})


@pytest.mark.parametrize("name", DIALOGUES)
def test_rfc6810(corpus, host, program, tmp_path, name):
    folder = corpus / "rapport" / "rfc6810" / name
    steps = sorted(folder.glob("run*"))
    given = steps[0] / "rp-args.txt"
    kept = re.search(r"deltas.lifetime (\d+)", given.read_text() if given.exists() else "")
    kedge = Serving(program, host, tmp_path / "kedge", kept[1] if kept else "10",
                    "--extra-tals-dir", folder, "--allow-dubious-hosts")
    dialogue = Dialogue(kedge.local)
    try:
        for number, step in enumerate(steps, 1):
            kedge.publish(step, number)
            dialogue.hold((step / "rtr.txt").read_text())
    finally:
        dialogue.close()
        kedge.end()
