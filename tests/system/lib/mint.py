# SPDX-License-Identifier: BSD-2-Clause
"""Makes RPKI objects in Python: certificates, CRLs, manifests and ROAs.

No code is shared with kedge nor with kedge-forge, whose stories cannot move a
CA, re-issue it with other resources or sign it with another key. What comes out
is a Paper: the octets, and what they say for whoever reckons what they mean.
"""
import hashlib
import pathlib
import time
from dataclasses import dataclass, field

PRIMES = pathlib.Path(__file__).resolve().parents[3] / "fixtures" / "keys" / "primes.hex"

SHA256, RSA, SHA256_RSA = "2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.1", "1.2.840.113549.1.1.11"
CONTENT = {"mft": "1.2.840.113549.1.9.16.1.26", "roa": "1.2.840.113549.1.9.16.1.24",
           "asa": "1.2.840.113549.1.9.16.1.49"}


def der(tag, *parts):
    body = b"".join(parts)
    size = len(body)
    if size < 128:
        return bytes([tag, size]) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def seq(*parts):
    return der(0x30, *parts)


def integer(n):
    return der(0x02, n.to_bytes(n.bit_length() // 8 + 1, "big"))


def oid(text):
    first, second, *rest = map(int, text.split("."))
    out = bytes([first * 40 + second])
    for n in rest:
        part = [n & 0x7F]
        while n > 0x7F:
            n >>= 7
            part.insert(0, 0x80 | n & 0x7F)
        out += bytes(part)
    return der(0x06, out)


def octets(body):
    return der(0x04, body)


def bits(body, unused=0):
    return der(0x03, bytes([unused]), body)


def when(t, general=False):
    if general:
        return der(0x18, time.strftime("%Y%m%d%H%M%SZ", time.gmtime(t)).encode())
    return der(0x17, time.strftime("%y%m%d%H%M%SZ", time.gmtime(t)).encode())


def algorithm(name):
    return seq(oid(name), b"" if name == SHA256 else b"\x05\0")


class Key:
    """The n-th pair of the committed primes."""

    def __init__(self, n):
        primes = [int(line, 16) for line in PRIMES.read_text().split()]
        pairs = [(p, q) for i, p in enumerate(primes) for q in primes[:i]]
        self.p, self.q = pairs[n]
        self.n = self.p * self.q
        public = seq(integer(self.n), integer(65537))
        self.spki = seq(algorithm(RSA), bits(public))
        self.id = hashlib.sha1(public).digest()
        self.name = seq(der(0x31, seq(oid("2.5.4.3"), der(0x13, self.id.hex().encode()))))
        exponent = pow(65537, -1, (self.p - 1) * (self.q - 1))
        self.dp, self.dq = exponent % (self.p - 1), exponent % (self.q - 1)
        self.inverse = pow(self.q, -1, self.p)

    def private(self):
        """As PKCS #1 has it, for other programs."""
        exponent = pow(65537, -1, (self.p - 1) * (self.q - 1))
        return seq(integer(0), integer(self.n), integer(65537), integer(exponent),
                   *map(integer, (self.p, self.q, self.dp, self.dq, self.inverse)))

    def sign(self, data):
        digest = seq(seq(oid(SHA256), b"\x05\0"), octets(hashlib.sha256(data).digest()))
        message = int.from_bytes(b"\0\1" + b"\xff" * (253 - len(digest)) + b"\0" + digest, "big")
        a, b = pow(message, self.dp, self.p), pow(message, self.dq, self.q)
        return (b + (a - b) * self.inverse % self.p * self.q).to_bytes(256, "big")

    def seal(self, body):
        """A certificate or a CRL: signed as a whole."""
        return seq(body, algorithm(SHA256_RSA), bits(self.sign(body)))


INHERIT = "inherit"


@dataclass(frozen=True)
class Paper:
    """blocks are numbers n that stand for 10.n.0.0/16 and AS 64000 + n: even
    ones, so that no two of them touch."""
    kind: str
    der: bytes = field(repr=False)
    by: bytes = b""  # key identifier of the issuer
    of: Key = None  # whose certificate
    serial: int = 0  # of the certificate, or of a signed object's own
    begin: int = 0
    end: int = 0
    blocks: object = frozenset()
    crl: str = ""  # where its issuer's CRL lies
    home: str = ""  # caRepository
    manifest: str = ""
    notify: str = None
    number: int = 0
    this: int = 0
    next: int = 0
    files: tuple = ()  # (name, SHA-256) of a manifest
    revoked: frozenset = frozenset()
    vrps: tuple = ()
    aspa: tuple = ()  # customer, providers
    point: bytes = b""  # of a router's key
    place: str = ""  # where a signed object says that it lies

    @property
    def sha(self):
        return hashlib.sha256(self.der).digest()


def extension(name, critical, body):
    return seq(oid(name), b"\1\1\xff" if critical else b"", octets(body))


def uri(text):
    return der(0x86, text.encode())


def access(*rows):
    return seq(*(seq(oid("1.3.6.1.5.5.7.48." + n), uri(text)) for n, text in rows))


def prefix(block, length=16, third=0):
    return bits(bytes([10, block, third])[:length // 8])


def addresses(blocks):
    family = b"\5\0" if blocks == INHERIT else seq(*map(prefix, sorted(blocks)))
    return seq(seq(octets(b"\0\1"), family))


def systems(blocks):
    return seq(der(0xA0, b"\5\0" if blocks == INHERIT else
                   seq(*(integer(64000 + b) for b in sorted(blocks)))))


def certificate(by, key, serial, begin, end, blocks, info, crl, parent, role):
    """Of a CA, the EE of a signed object, or a router; by is key: of a trust anchor."""
    anchor, authority = by is key, role == "ca"
    extensions = [
        extension("2.5.29.19", True, seq(b"\1\1\xff")) if authority else b"",
        extension("2.5.29.14", False, octets(key.id)),
        b"" if anchor else extension("2.5.29.35", False, seq(der(0x80, by.id))),
        extension("2.5.29.15", True, bits(b"\6", 1) if authority else bits(b"\x80", 7)),
        b"" if anchor else extension("2.5.29.31", False,
                                     seq(seq(der(0xA0, der(0xA0, uri(crl)))))),
        b"" if anchor else extension("1.3.6.1.5.5.7.1.1", False, access(("2", parent))),
        extension("1.3.6.1.5.5.7.1.11", False, access(*info)) if info else b"",
        extension("2.5.29.37", False, seq(oid("1.3.6.1.5.5.7.3.30"))) if not info else b"",
        extension("2.5.29.32", True, seq(seq(oid("1.3.6.1.5.5.7.14.2")))),
        extension("1.3.6.1.5.5.7.1.7", True, addresses(blocks))
        if role in ("ca", "mft", "roa") else b"",
        extension("1.3.6.1.5.5.7.1.8", True, systems(blocks))
        if role in ("ca", "mft", "asa", "router") else b""]
    return by.seal(seq(
        der(0xA0, integer(2)), integer(serial), algorithm(SHA256_RSA), by.name,
        seq(when(begin), when(end)), key.name, key.spki,
        der(0xA3, seq(*extensions))))


def authority(by, key, serial, begin, end, blocks, home, manifest, notify, crl="", parent=""):
    info = [("5", home), ("10", manifest)] + ([("13", notify)] if notify else [])
    return Paper("cer", certificate(by, key, serial, begin, end, blocks, info, crl, parent, "ca"),
                 by=by.id, of=key, serial=serial, begin=begin, end=end, blocks=blocks, crl=crl,
                 home=home, manifest=manifest, notify=notify)


def revocations(by, number, this, then, serials):
    rows = b"".join(seq(integer(s), when(this)) for s in sorted(serials))
    return Paper("crl", by.seal(seq(
        integer(1), algorithm(SHA256_RSA), by.name, when(this), when(then),
        seq(rows) if rows else b"",
        der(0xA0, seq(extension("2.5.29.35", False, seq(der(0x80, by.id))),
                      extension("2.5.29.20", False, integer(number)))))),
        by=by.id, number=number, this=this, next=then, revoked=frozenset(serials))


def _attribute(name, value):
    return seq(oid("1.2.840.113549.1.9." + name), der(0x31, value))


def _signed(kind, content, certificate_of, key, t):
    attributes = sorted([
        _attribute("3", oid(CONTENT[kind])), _attribute("5", when(t)),
        _attribute("4", octets(hashlib.sha256(content).digest()))])
    attributes = b"".join(attributes)
    signer = seq(integer(3), der(0x80, key.id), algorithm(SHA256), der(0xA0, attributes),
                 algorithm(RSA), octets(key.sign(der(0x31, attributes))))
    return seq(oid("1.2.840.113549.1.7.2"), der(0xA0, seq(
        integer(3), der(0x31, algorithm(SHA256)),
        seq(oid(CONTENT[kind]), der(0xA0, octets(content))),
        der(0xA0, certificate_of), der(0x31, signer))))


EE = Key(2000)  # of all signed objects: nothing here asks whose it is


def _object(kind, by, serial, begin, end, blocks, place, crl, parent, content, **facts):
    ee = certificate(by, EE, serial, begin, end, blocks, [("11", place)], crl, parent, kind)
    return Paper(kind, _signed(kind, content, ee, EE, begin), by=by.id, serial=serial,
                 begin=begin, end=end, blocks=blocks, crl=crl, place=place, **facts)


def manifest(by, serial, begin, end, place, crl, parent, number, this, then, files):
    content = seq(integer(number), when(this, True), when(then, True), oid(SHA256),
                  seq(*(seq(der(0x16, n.encode()), bits(sha)) for n, sha in files)))
    return _object("mft", by, serial, begin, end, INHERIT, place, crl, parent, content,
                   number=number, this=this, next=then, files=tuple(files))


def origin(by, serial, begin, end, place, crl, parent, asn, block, third, more=()):
    """A ROA for 10.block.third.0/24, and more of them: (block, third)."""
    nets = sorted({(block, third), *more})
    content = seq(integer(asn), seq(seq(octets(b"\0\1"),
                                        seq(*(seq(prefix(b, 24, t)) for b, t in nets)))))
    return _object("roa", by, serial, begin, end, frozenset(b for b, _ in nets), place, crl,
                   parent, content,
                   vrps=tuple((f"AS{asn}", f"10.{b}.{t}.0/24", "24") for b, t in nets))


def providers(by, serial, begin, end, place, crl, parent, block, others):
    """An ASPA of AS 64000 + block."""
    content = seq(der(0xA0, integer(1)), integer(64000 + block),
                  seq(*(integer(n) for n in sorted(others))))
    return _object("asa", by, serial, begin, end, frozenset([block]), place, crl, parent,
                   content, aspa=(64000 + block, frozenset(others)))


class RouterKey:
    """The point of P-256 that the n-th private key has."""

    P = 2 ** 256 - 2 ** 224 + 2 ** 192 + 2 ** 96 - 1
    G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
         0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)

    def __init__(self, n):
        point = self.G
        for _ in range(n - 1):
            point = self._add(point)
        public = b"\4" + b"".join(c.to_bytes(32, "big") for c in point)
        self.id = hashlib.sha1(public).digest()
        self.name = seq(der(0x31, seq(oid("2.5.4.3"), der(0x13, f"ROUTER-{n:08X}".encode()))))
        self.spki = seq(seq(oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7")), bits(public))

    def _add(self, a):
        """a + G."""
        (x, y), (u, v) = a, self.G
        slope = (3 * x * x - 3) * pow(2 * y, -1, self.P) if a == self.G else \
            (v - y) * pow(u - x, -1, self.P)
        w = (slope * slope - x - u) % self.P
        return w, (slope * (x - w) - y) % self.P


def router(by, key, serial, begin, end, blocks, crl, parent):
    return Paper("cer", certificate(by, key, serial, begin, end, blocks, [], crl, parent,
                                    "router"),
                 by=by.id, of=key, serial=serial, begin=begin, end=end, blocks=blocks, crl=crl,
                 point=key.id)
