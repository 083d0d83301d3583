#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Write fixtures/{cert,crl,resources}: one file a rule, made by spoiling one
part of a good one. Signatures are filler: decoding does not look at them.

usage: cert_cases.py FIXTURES
A certificate decoded as kind K lies in cert/K; what it must raise stands before
the first dot of its name. What stands at the borders of the rules is in
border_cases.py.
"""
import hashlib
import os
import sys

ROOT = sys.argv[1] if len(sys.argv) > 1 else "fixtures"


def tlv(tag, *parts):
    body = b"".join(parts)
    n = len(body)
    if n < 0x80:
        head = bytes([n])
    else:
        octets = n.to_bytes((n.bit_length() + 7) // 8, "big")
        head = bytes([0x80 | len(octets)]) + octets
    return bytes([tag]) + head + body


def seq(*parts):
    return tlv(0x30, *parts)


def integer(n):
    return tlv(2, n.to_bytes(n.bit_length() // 8 + 1, "big", signed=True))


def oid(text):
    arcs = [int(a) for a in text.split(".")]
    arcs = [arcs[0] * 40 + arcs[1]] + arcs[2:]
    out = b""
    for a in arcs:
        run = bytes([a & 0x7F])
        while a > 0x7F:
            a >>= 7
            run = bytes([a & 0x7F | 0x80]) + run
        out += run
    return tlv(6, out)


def bits(data, unused=0):
    return tlv(3, bytes([unused]), data)


def octets(*data):
    return tlv(4, *data)


def uri(text):
    return tlv(0x86, text.encode())


NULL = b"\x05\x00"
TRUE = b"\x01\x01\xff"
RSA_SHA256 = "1.2.840.113549.1.1.11"
PE = "1.3.6.1.5.5.7.1."
AD = "1.3.6.1.5.5.7.48."
CP = "1.3.6.1.5.5.7.14."
REPO = "rsync://r.example/m/ca/"


def filler(seed, n):
    out = b""
    while len(out) < n:
        out += hashlib.sha256(b"%s %d" % (seed, len(out))).digest()
    return out[:n]


def modulus(seed, n=256):
    m = bytearray(filler(seed, n))
    m[0] |= 0x80
    m[-1] |= 1
    return int.from_bytes(m, "big")


def alg(params=NULL, which=RSA_SHA256):
    return seq(oid(which), params)


def name(cn="kedge", kind=0x13):
    return seq(tlv(0x31, seq(oid("2.5.4.3"), tlv(kind, cn.encode()))))


def rsa(n, e=65537, tail=b"", params=NULL):
    return seq(seq(oid("1.2.840.113549.1.1.1"), params),
               bits(seq(integer(n), integer(e), tail)))


POINT = bytes.fromhex(
    "04"
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")


def ec(point=POINT, curve="1.2.840.10045.3.1.7"):
    return seq(seq(oid("1.2.840.10045.2.1"), oid(curve)), bits(point))


KEY = rsa(modulus(b"subject"))
CA_KEY = rsa(modulus(b"issuer"))


def key_bits(spki):
    """The content of the bit string, without its count of unused bits."""

    def head(i):
        n = spki[i + 1]
        if n < 0x80:
            return i + 2, n
        k = n & 0x7F
        return i + 2 + k, int.from_bytes(spki[i + 2:i + 2 + k], "big")

    i, _ = head(0)
    j, n = head(i)
    i, n = head(j + n)
    return spki[i + 1:i + n]


def keyid(spki):
    return hashlib.sha1(key_bits(spki)).digest()


def ext(which, value, critical=False, flag=None):
    return seq(oid(which), flag if flag is not None else
               TRUE if critical else b"", octets(value))


def time(text):
    return tlv(0x17 if len(text) == 13 else 0x18, text.encode())


def validity(a="250101000000Z", b="350101000000Z"):
    return seq(time(a), time(b))


def access(*pairs):
    return seq(*[seq(oid(AD + m), u if isinstance(u, bytes) else uri(u))
                 for m, u in pairs])


def crldp(*names, tail=b"", more=b""):
    return seq(seq(tlv(0xa0, tlv(0xa0, *names)), tail), more)


def policy(which=CP + "2", qualifier=b"", more=b""):
    return seq(seq(oid(which), qualifier), more)


def cps(which="1.3.6.1.5.5.7.2.1", n=1):
    return seq(*[seq(oid(which), tlv(0x16, b"https://r.example/cps"))] * n)


def prefix(data, unused=0):
    return bits(data, unused)


def ip(*families):
    return seq(*families)


def family(afi, *elements, raw=None):
    return seq(octets(afi), raw if raw is not None else seq(*elements))


V4, V6 = b"\x00\x01", b"\x00\x02"
TEN = prefix(b"\x0a")
IP = ip(family(V4, TEN), family(V6, prefix(b"\x20\x01\x0d\xb8")))


def asn(*elements, raw=None, rdi=b""):
    return seq(tlv(0xa0, raw if raw is not None else seq(*elements)), rdi)


AS = asn(seq(integer(64496), integer(64511)))
CE = "2.5.29."
SIA_CA = (("5", REPO), ("10", REPO + "ca.mft"),
          ("13", "https://r.example/n.xml"))


def extensions(kind, spki, issuer=CA_KEY):
    """Ordered {label: octets} of a good certificate of this kind."""
    authority = kind in ("ta", "ca")
    e = {}
    if authority:
        e["bc"] = ext(CE + "19", seq(TRUE), True)
    e["ski"] = ext(CE + "14", octets(keyid(spki)))
    if kind != "ta":
        e["aki"] = ext(CE + "35", seq(tlv(0x80, keyid(issuer))))
    e["ku"] = ext(CE + "15", bits(b"\x06", 1) if authority else
                  bits(b"\x80", 7), True)
    if kind == "router":
        e["eku"] = ext(CE + "37", seq(oid("1.3.6.1.5.5.7.3.30")))
    if kind != "ta":
        e["crldp"] = ext(CE + "31", crldp(uri("rsync://r.example/m/up.crl")))
        e["aia"] = ext(PE + "1", access(("2", "rsync://r.example/m/up.cer")))
    if authority:
        e["sia"] = ext(PE + "11", access(*SIA_CA))
    elif kind == "ee":
        e["sia"] = ext(PE + "11", access(("11", REPO + "a.roa")))
    e["cp"] = ext(CE + "32", policy(), True)
    if kind != "router":
        e["ip"] = ext(PE + "7", IP, True)
    e["as"] = ext(PE + "8", asn(integer(64496)) if kind == "router" else AS,
                  True)
    return e


def cert(kind="ca", drop=(), add=b"", version=None, serial=None, inner=None,
         outer=None, issuer=None, valid=None, subject=None, key=None,
         ids=b"", sig=None, tail=b"", no_extensions=False, after=b"", **change):
    key = key or (ec() if kind == "router" else KEY)
    e = extensions(kind, key)
    for label in drop:
        del e[label]
    for label, value in change.items():
        e[label] = value
    subject = subject or name()
    issuer = issuer or (subject if kind == "ta" else name("issuer"))
    tbs = seq(
        tlv(0xa0, integer(2)) if version is None else version,
        integer(7) if serial is None else serial,
        inner or alg(), issuer, valid or validity(), subject, key, ids,
        b"" if no_extensions else tlv(0xa3, seq(*e.values(), add)), after)
    return seq(tbs, outer or inner or alg(),
               sig if sig is not None else bits(filler(b"sig", 256)), tail)


def crl(version=None, inner=None, outer=None, issuer=None, this=None,
        upto=None, entries=None, exts=None, sig=None, after=b"", raw=None):
    good = [ext(CE + "35", seq(tlv(0x80, keyid(CA_KEY)))),
            ext(CE + "20", integer(5))]
    exts = good if exts is None else exts(good)
    if entries is None:
        entries = seq(*[seq(integer(n), time("250101000000Z"))
                        for n in (9, 3, 300)])
    tbs = seq(
        integer(1) if version is None else version, inner or alg(),
        issuer or name("issuer"), time("250101000000Z") if this is None
        else this, time("250102000000Z") if upto is None else upto, entries,
        tlv(0xa0, seq(*exts)) if raw is None else raw, after)
    return seq(tbs, outer or inner or alg(),
               bits(filler(b"sig", 256)) if sig is None else sig)


def write(folder, file, data):
    path = os.path.join(ROOT, folder, file)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


def place(verdict, file, data):
    """case.kind.cer goes to cert/kind/verdict/case.cer."""
    case, kind, suffix = file.rsplit(".", 2)
    write("cert/%s/%s" % (kind, verdict), case + "." + suffix, data)


def good(file, data):
    place("good", file, data)


def bad(file, data):
    place("bad", file, data)


def good_certs():
    good("plain.ca.cer", cert())
    good("plain.ta.cer", cert("ta"))
    good("plain.ee.cer", cert("ee"))
    good("plain.bare.cer", cert("ee", drop=("sia",)))
    good("plain.router.cer", cert("router"))
    good("aki-self.ta.cer", cert(
        "ta", aki=ext(CE + "35", seq(tlv(0x80, keyid(KEY))))))
    good("all-inherit.ca.cer", cert(
        ip=ext(PE + "7", ip(family(V4, raw=NULL), family(V6, raw=NULL)), True),
        **{"as": ext(PE + "8", asn(raw=NULL), True)}))
    good("only-as.ca.cer", cert(drop=("ip",)))
    good("only-ip.ca.cer", cert(drop=("as",)))
    good("largest-serial.ca.cer", cert(serial=integer(2 ** 159 - 1)))
    good("serial-zero.ta.cer", cert("ta", serial=integer(0)))
    good("one-moment.ca.cer", cert(
        valid=validity("250101000000Z", "250101000000Z")))
    good("before-epoch.ca.cer", cert(
        valid=validity("691231235959Z", "20500101000000Z")))
    good("no-null.ca.cer", cert(inner=alg(b"")))
    good("utf8-name.ca.cer", cert(subject=name(kind=0x0c)))
    good("utf8-name.router.cer", cert("router", subject=name(kind=0x0c)))
    both = seq(oid("2.5.4.3"), tlv(0x13, b"a")), seq(
        oid("2.5.4.5"), tlv(0x13, b"1"))
    good("name-and-serial.ca.cer", cert(
        subject=seq(*[tlv(0x31, x) for x in both]), issuer=seq(
            tlv(0x31, *both))))
    good("cps.ca.cer", cert(cp=ext(CE + "32", policy(qualifier=cps()), True)))
    good("no-slash.ca.cer", cert(sia=ext(PE + "11", access(
        ("5", REPO[:-1]), *SIA_CA[1:]))))
    good("no-notify.ca.cer", cert(sia=ext(PE + "11", access(*SIA_CA[:2]))))
    good("first-rsync.ca.cer", cert(
        sia=ext(PE + "11", access(
            ("5", "https://r.example/x/"), *SIA_CA,
            ("5", "rsync://other.example/m/"), ("99", "x:y"),
            ("10", tlv(0x82, b"dns.example")))),
        crldp=ext(CE + "31", crldp(uri("https://r.example/up.crl"),
                                   uri("rsync://r.example/m/up.crl"))),
        aia=ext(PE + "1", access(("2", "http://r.example/up.cer"),
                                 ("2", "rsync://r.example/m/up.cer")))))
    good("several-crls.ca.cer", cert(
        crldp=ext(CE + "31", crldp(uri("rsync://mirror.example/m/up.crl"),
                                   uri("rsync://r.example/m/up.crl")))))
    good("several-objects.ee.cer", cert("ee", sia=ext(PE + "11", access(
        ("11", "https://r.example/a.roa"), ("11", "rsync://mirror.example/a.roa"),
        ("11", REPO + "a.roa")))))
    many = ["rsync://m%d.example/m/" % i for i in range(63)]
    good("many-crls.ca.cer", cert(crldp=ext(CE + "31", crldp(
        *[uri(m + "up.crl") for m in many], uri("rsync://r.example/m/up.crl")))))
    good("many-objects.ee.cer", cert("ee", sia=ext(PE + "11", access(
        *[("11", m + "a.roa") for m in many], ("11", REPO + "a.roa")))))
    good("issuer-elsewhere.ca.cer", cert(
        aia=ext(PE + "1", access(("2", "rsync://old.example/m/x.cer")))))
    good("notify.ee.cer", cert("ee", sia=ext(PE + "11", access(
        ("11", REPO + "a.roa"), ("13", "https://r.example/n.xml")))))
    good("whole-internet.ta.cer", cert(
        "ta", ip=ext(PE + "7", ip(family(V4, prefix(b"")),
                                  family(V6, prefix(b""))), True),
        **{"as": ext(PE + "8", asn(seq(integer(0), integer(2 ** 32 - 1))),
                     True)}))
    good("most-ases.router.cer", cert("router", **{"as": ext(
        PE + "8", asn(integer(1), seq(integer(10), integer(72))), True)}))
    good("more-purposes.router.cer", cert("router", eku=ext(CE + "37", seq(
        oid("1.3.6.1.5.5.7.3.1"), oid("1.3.6.1.5.5.7.3.30")))))


def bad_fields():
    bad("cert-version.absent.ca.cer", cert(version=b""))
    bad("cert-version.v1.ca.cer", cert(version=tlv(0xa0, integer(0))))
    bad("cert-version.v4.ca.cer", cert(version=tlv(0xa0, integer(3))))
    bad("cert-serial.negative.ca.cer", cert(serial=integer(-1)))
    for kind in ("ca", "ee", "bare", "router"):
        bad("cert-serial.zero.%s.cer" % kind, cert(
            "ee" if kind == "bare" else kind, serial=integer(0),
            drop=("sia",) if kind == "bare" else ()))
    bad("cert-serial.long.ca.cer", cert(serial=integer(2 ** 159)))
    bad("der-integer.serial-padded.ca.cer", cert(serial=b"\x02\x02\x00\x07"))
    bad("der-integer.serial-empty.ca.cer", cert(serial=b"\x02\x00"))
    sha1 = alg(which="1.2.840.113549.1.1.5")
    bad("signature-algorithm.sha1.ca.cer", cert(inner=sha1))
    bad("signature-algorithm.ecdsa.ca.cer", cert(
        inner=alg(b"", "1.2.840.10045.4.3.2")))
    bad("signature-algorithm.params.ca.cer", cert(inner=alg(integer(0))))
    bad("signature-algorithm.null-and-more.ca.cer", cert(
        inner=alg(NULL + NULL)))
    bad("signature-algorithm-differs.outer-sha1.ca.cer", cert(outer=sha1))
    bad("signature-algorithm-differs.outer-no-null.ca.cer", cert(
        outer=alg(b"")))
    bad("signature-size.short.ca.cer", cert(sig=bits(filler(b"s", 255))))
    bad("signature-size.long.ca.cer", cert(sig=bits(filler(b"s", 257))))
    bad("signature-size.empty.ca.cer", cert(sig=bits(b"")))
    bad("signature-size.bits.ca.cer", cert(
        sig=bits(filler(b"s", 255) + b"\x80", 7)))
    bad("der-bits.nine-unused.ca.cer", cert(sig=bits(filler(b"s", 256), 9)))
    cn = seq(oid("2.5.4.3"), tlv(0x13, b"a"))
    bad("name-form.empty.ca.cer", cert(subject=seq()))
    bad("name-form.issuer-empty.ca.cer", cert(issuer=seq()))
    bad("name-form.two-names.ca.cer", cert(
        subject=seq(tlv(0x31, cn), tlv(0x31, cn))))
    bad("name-form.empty-set.ca.cer", cert(subject=seq(tlv(0x31))))
    bad("name-form.organization.ca.cer", cert(subject=seq(
        tlv(0x31, cn), tlv(0x31, seq(oid("2.5.4.10"), tlv(0x13, b"o"))))))
    bad("name-form.only-serial.ca.cer", cert(subject=seq(
        tlv(0x31, seq(oid("2.5.4.5"), tlv(0x13, b"o"))))))
    bad("name-string.t61.ca.cer", cert(subject=name(kind=0x14)))
    bad("name-string.empty.ca.cer", cert(subject=name("")))
    bad("der-string.not-printable.ca.cer", cert(subject=name("a@b")))
    bad("der-string.bad-utf8.ca.cer", cert(subject=seq(tlv(0x31, seq(
        oid("2.5.4.3"), tlv(0x0c, b"\xc0\x80"))))))
    bad("cert-validity.reversed.ca.cer", cert(
        valid=validity("350101000000Z", "250101000000Z")))
    bad("time-choice.2049.ca.cer", cert(
        valid=validity("250101000000Z", "20490101000000Z")))
    bad("time-form.30-february.ca.cer", cert(valid=validity("250230000000Z")))
    bad("time-form.offset.ca.cer", cert(valid=seq(
        tlv(0x17, b"250101000000+0000"), time("350101000000Z"))))
    bad("cert-unique-id.issuer.ca.cer", cert(ids=tlv(0x81, b"\x00\x01")))
    bad("cert-unique-id.subject.ca.cer", cert(ids=tlv(0x82, b"\x00\x01")))
    bad("cert-self-issued.other-issuer.ta.cer", cert(
        "ta", issuer=name("another")))
    bad("der-trailing.after-certificate.ca.cer", cert() + b"\x00")
    bad("der-trailing.after-signature.ca.cer", cert(tail=NULL))
    bad("der-trailing.after-extensions.ca.cer", cert(after=NULL))
    bad("der-tag.nul.ca.cer", b"\x00")
    bad("der-truncated.empty.ca.cer", b"")
    bad("der-truncated.half.ca.cer", cert()[:600])
    bad("der-length.indefinite.ca.cer",
        b"\x30\x80" + cert()[4:] + b"\x00\x00")


def bad_keys():
    n = modulus(b"subject")
    for size in (512, 1024, 2040, 4096):
        bad("cert-key-size.%d.ca.cer" % size, cert(
            key=rsa(modulus(b"k", size // 8))))
    bad("cert-key-size.2047.ca.cer", cert(key=rsa(n >> 1 | 1)))
    bad("cert-key-size.negative.ca.cer", cert(
        key=rsa(n - 2 ** 2048)))
    bad("cert-key-size.zero.ca.cer", cert(key=rsa(0)))
    for e in (1, 3, 65539, -65537):
        bad("cert-key-exponent.%s.ca.cer" % str(e).replace("-", "minus-"),
            cert(key=rsa(n, e)))
    bad("cert-key-exponent.huge.ca.cer", cert(key=rsa(n, 2 ** 4096)))
    bad("cert-key-form.even.ca.cer", cert(key=rsa(n & ~1)))
    bad("der-trailing.third-integer.ca.cer", cert(
        key=rsa(n, tail=integer(1))))
    bad("cert-key-algorithm.no-null.ca.cer", cert(key=rsa(n, params=b"")))
    bad("cert-key-algorithm.pss.ca.cer", cert(key=seq(
        seq(oid("1.2.840.113549.1.1.10"), NULL), bits(b"\x30\x00"))))
    bad("cert-key-algorithm.ec-in-ca.ca.cer", cert(key=ec()))
    bad("cert-key-algorithm.rsa-in-router.router.cer", cert(
        "router", key=KEY))
    bad("cert-key-algorithm.p384.router.cer", cert(
        "router", key=ec(curve="1.3.132.0.34")))
    bad("der-tag.key-garbage.ca.cer", cert(key=seq(
        seq(oid("1.2.840.113549.1.1.1"), NULL), bits(b"\xff" * 270))))
    bad("der-truncated.key-empty.ca.cer", cert(key=seq(
        seq(oid("1.2.840.113549.1.1.1"), NULL), bits(b""))))
    bad("cert-key-form.key-bits.router.cer", cert("router", key=seq(
        seq(oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7")),
        bits(POINT[:-1] + b"\x80", 7))))
    bad("cert-key-point.off-curve.router.cer", cert(
        "router", key=ec(POINT[:-1] + b"\xf4")))
    bad("cert-key-point.compressed.router.cer", cert(
        "router", key=ec(b"\x03" + POINT[1:33])))
    bad("cert-key-point.infinity.router.cer", cert("router", key=ec(b"\x00")))


def bad_extension_set():
    names = {"ca": extensions("ca", KEY), "ee": extensions("ee", KEY),
             "ta": extensions("ta", KEY), "router": extensions("router", ec())}
    for kind, labels in names.items():
        for label in labels:
            if label in ("ip", "as") and kind != "router":
                continue
            if kind == "ca" and label == "bc":
                continue
            fault = "cert-extension-missing"
            if kind == "router" and label == "eku":
                continue
            bad("%s.%s.%s.cer" % (fault, label, kind),
                cert(kind, drop=(label,)))
    for label, value in names["ca"].items():
        bad("cert-extension-twice.%s.ca.cer" % label, cert(add=value))
        flag = b"" if TRUE in value[:20] and label in (
            "bc", "ku", "cp", "ip", "as") else TRUE
        raw = value.replace(TRUE, b"", 1) if flag == b"" else None
        if raw is None:
            at = value.index(b"\x06")
            end = at + 2 + value[at + 1]
            body = value[at:end] + TRUE + value[end:]
        else:
            at = raw.index(b"\x06")
            body = raw[at:]
        bad("cert-extension-critical.%s.ca.cer" % label,
            cert(**{label: seq(body)}))
    bad("cert-extension-critical.eku.router.cer", cert(
        "router", eku=ext(CE + "37", seq(oid("1.3.6.1.5.5.7.3.30")), True)))
    bad("der-default.flag-false.ca.cer", cert(
        ski=ext(CE + "14", octets(keyid(KEY)), flag=b"\x01\x01\x00")))
    bad("der-boolean.flag-one.ca.cer", cert(
        ku=ext(CE + "15", bits(b"\x06", 1), flag=b"\x01\x01\x01")))
    bad("cert-extension-unknown.critical.ca.cer", cert(
        add=ext("1.2.3.4", NULL, True)))
    bad("cert-extension-unknown.harmless.ca.cer", cert(
        add=ext("1.2.3.4", NULL)))
    bad("cert-extension-unknown.issuer-alt-name.ca.cer", cert(
        add=ext(CE + "18", seq(uri("rsync://a.example/b/")))))
    bad("cert-extension-missing.none.ca.cer", cert(no_extensions=True))
    bad("cert-purpose.empty-list.ca.cer", cert(
        drop=tuple(names["ca"])))
    bad("cert-purpose.ee-as-file.ca.cer", cert("ee"))
    eku = names["router"]["eku"]
    for kind in ("ta", "ca", "ee"):
        bad("cert-extension-forbidden.eku.%s.cer" % kind, cert(kind, add=eku))
    bad("cert-extension-forbidden.crldp.ta.cer", cert(
        "ta", add=names["ca"]["crldp"]))
    bad("cert-extension-forbidden.aia.ta.cer", cert(
        "ta", add=names["ca"]["aia"]))
    bad("cert-extension-forbidden.as-ca.ta.cer", cert(
        "ta", crldp=names["ca"]["crldp"], aia=names["ca"]["aia"],
        aki=ext(CE + "35", seq(tlv(0x80, keyid(KEY))))))
    bad("cert-extension-forbidden.bc.ee.cer", cert(
        "ee", add=names["ca"]["bc"]))
    bad("cert-extension-forbidden.sia.bare.cer", cert("ee"))
    bad("cert-extension-forbidden.sia.router.cer", cert(
        "router", add=names["ee"]["sia"]))
    bad("cert-extension-forbidden.ip.router.cer", cert(
        "router", add=names["ca"]["ip"]))
    bad("cert-v2-oid.ip.ca.cer", cert(ip=ext(PE + "28", IP, True)))
    bad("cert-v2-oid.as.ca.cer", cert(
        **{"as": ext(PE + "29", AS, True)}))
    bad("cert-v2-oid.policy.ca.cer", cert(
        cp=ext(CE + "32", policy(CP + "3"), True)))


def bad_values():
    def with_ext(label, which, value, critical=False, kind="ca"):
        return cert(kind, **{label: ext(which, value, critical)})

    for case, value in (("not-ca", seq()), ("path-length",
                                            seq(TRUE, integer(0)))):
        bad("cert-basic-constraints.%s.ca.cer" % case,
            with_ext("bc", CE + "19", value, True))
    bad("der-default.ca-false.ca.cer",
        with_ext("bc", CE + "19", seq(b"\x01\x01\x00"), True))
    bad("der-trailing.in-bc.ca.cer",
        with_ext("bc", CE + "19", seq(TRUE) + b"\x00", True))
    ski = keyid(KEY)
    for case, value in (("19-octets", ski[:19]), ("21-octets", ski + b"\x00"),
                        ("other-key", keyid(CA_KEY)), ("empty", b"")):
        bad("cert-ski.%s.ca.cer" % case,
            with_ext("ski", CE + "14", octets(value)))
    aki = tlv(0x80, keyid(CA_KEY))
    serial = tlv(0x82, b"\x07")
    who = tlv(0xa1, tlv(0xa4, name()))
    for case, value in (("no-keyid", seq()), ("only-serial", seq(who, serial)),
                        ("with-serial", seq(aki, who, serial)),
                        ("19-octets", seq(tlv(0x80, ski[:19]))),
                        ("21-octets", seq(tlv(0x80, ski + b"\x00")))):
        bad("cert-aki.%s.ca.cer" % case, with_ext("aki", CE + "35", value))
    bad("cert-aki-self.other-key.ta.cer", with_ext(
        "aki", CE + "35", seq(aki), kind="ta"))
    for case, value in (
            ("none", bits(b"")), ("sign-only", bits(b"\x04", 2)),
            ("too-much", bits(b"\x86", 1)), ("padded", bits(b"\x06")),
            ("two-octets", bits(b"\x06\x80", 7)),
            ("three-octets", bits(b"\x06\x00\x01")),
            ("100-octets", bits(b"\x06" + b"\x00" * 98 + b"\x01"))):
        bad("cert-key-usage.%s.ca.cer" % case,
            with_ext("ku", CE + "15", value, True))
    for case, value in (("as-ca", bits(b"\x06", 1)),
                        ("non-repudiation", bits(b"\xc0", 6))):
        bad("cert-key-usage.%s.ee.cer" % case,
            with_ext("ku", CE + "15", value, True, "ee"))
    for case, value in (("empty", seq()),
                        ("other", seq(oid("1.3.6.1.5.5.7.3.1")))):
        bad("cert-eku.%s.router.cer" % case,
            with_ext("eku", CE + "37", value, kind="router"))
    up = uri("rsync://r.example/m/up.crl")
    relative = seq(seq(tlv(0xa0, tlv(0xa1, seq(oid("2.5.4.3"),
                                               tlv(0x13, b"a"))))))
    for case, value in (
            ("two-points", crldp(up, more=seq(tlv(0xa0, tlv(0xa0, up))))),
            ("reasons", crldp(up, tail=tlv(0x81, b"\x01\x06"))),
            ("issuer", crldp(up, tail=tlv(0xa2, tlv(0xa4, name())))),
            ("only-issuer", seq(seq(tlv(0xa2, tlv(0xa4, name()))))),
            ("relative", relative), ("no-name", crldp()),
            ("empty-point", seq(seq())), ("no-points", seq()),
            ("dns-name", crldp(tlv(0x82, b"r.example")))):
        bad("cert-crldp.%s.ca.cer" % case, with_ext("crldp", CE + "31", value))
    bad("uri-scheme.crldp-http.ca.cer", with_ext(
        "crldp", CE + "31", crldp(uri("http://r.example/up.crl"))))
    bad("uri-scheme.crldp-https.ca.cer", with_ext(
        "crldp", CE + "31", crldp(uri("https://r.example/up.crl"))))
    bad("uri-form.crldp-dots.ca.cer", with_ext(
        "crldp", CE + "31", crldp(uri("rsync://r.example/m/../up.crl"))))
    bad("uri-form.crldp-nul.ca.cer", with_ext(
        "crldp", CE + "31", crldp(uri("rsync://r.example/m/up\0.crl"))))
    bad("cert-crldp.too-many.ca.cer", with_ext("crldp", CE + "31", crldp(
        *[uri("rsync://m%d.example/up.crl" % i) for i in range(65)])))
    bad("cert-aia.too-many.ca.cer", with_ext("aia", PE + "1", access(
        *[("2", "rsync://m%d.example/up.cer" % i) for i in range(65)])))
    bad("cert-aia.empty.ca.cer", with_ext("aia", PE + "1", seq()))
    bad("cert-aia.ocsp.ca.cer", with_ext("aia", PE + "1", access(
        ("1", "rsync://r.example/m/up.cer"))))
    bad("cert-aia.no-uri.ca.cer", with_ext("aia", PE + "1", access(
        ("2", tlv(0x82, b"r.example")))))
    bad("uri-length.aia.ca.cer", with_ext("aia", PE + "1", access(
        ("2", "rsync://r.example/m/" + "a" * 2048))))


def bad_places():
    def sia(case, fault, *pairs, kind="ca"):
        bad("%s.%s.%s.cer" % (fault, case, kind), cert(
            kind, sia=ext(PE + "11", access(*pairs))))

    sia("empty", "cert-sia")
    sia("too-many", "cert-sia", *SIA_CA, *[
        ("10", "rsync://m%d.example/m/ca.mft" % i) for i in range(64)])
    sia("too-many", "cert-sia", *[
        ("11", "rsync://m%d.example/a.roa" % i) for i in range(65)], kind="ee")
    sia("no-manifest", "cert-sia", SIA_CA[0], SIA_CA[2])
    sia("no-repository", "cert-sia", *SIA_CA[1:])
    sia("repository-https", "uri-scheme", ("5", "https://r.example/m/"),
        *SIA_CA[1:])
    # Not the certificate fails but the fetch of what it points to.
    for case, place in (
            ("manifest-elsewhere", "rsync://other.example/m/ca/ca.mft"),
            ("manifest-deeper", REPO + "x/ca.mft"),
            ("manifest-sibling", REPO[:-1] + "2/ca.mft")):
        good(case + ".ca.cer", cert("ca", sia=ext(PE + "11", access(
            SIA_CA[0], ("10", place)))))
    sia("manifest-suffix", "cert-sia-manifest", SIA_CA[0],
        ("10", REPO + "ca.roa"))
    sia("manifest-directory", "cert-sia-manifest", SIA_CA[0], ("10", REPO))
    sia("notify-http", "uri-scheme", *SIA_CA[:2],
        ("13", "http://r.example/n.xml"))
    sia("notify-rsync", "uri-scheme", *SIA_CA[:2],
        ("13", "rsync://r.example/m/n.xml"))
    sia("two", "cert-sia-notify", *SIA_CA, ("13", "https://s.example/n.xml"))
    sia("one-bad", "cert-sia-notify", *SIA_CA, ("13", "ftp://s.example/"))
    sia("empty", "cert-sia", kind="ee")
    sia("repository", "cert-sia-method", *SIA_CA, kind="ee")
    sia("unknown", "cert-sia-method", ("11", REPO + "a.roa"),
        ("99", REPO + "a.roa"), kind="ee")
    sia("directory", "cert-sia-object", ("11", REPO), kind="ee")
    sia("object-https", "uri-scheme", ("11", "https://r.example/a.roa"),
        kind="ee")

    def cp(case, value):
        bad("cert-policy.%s.ca.cer" % case, cert(cp=ext(CE + "32", value, True)))

    cp("two", policy(more=seq(oid(CP + "2"))))
    cp("other", policy("2.5.29.32.0"))
    cp("two-qualifiers", policy(qualifier=cps(n=2)))
    cp("user-notice", policy(qualifier=cps("1.3.6.1.5.5.7.2.2")))
    cp("none", seq())
    cp("no-qualifier", policy(qualifier=seq()))
    bad("cert-resources.none.ca.cer", cert(drop=("ip", "as")))
    bad("cert-resources.none.ee.cer", cert("ee", drop=("ip", "as")))
    bad("cert-ta-inherit.as.ta.cer", cert(
        "ta", **{"as": ext(PE + "8", asn(raw=NULL), True)}))
    bad("cert-ta-inherit.v6.ta.cer", cert("ta", ip=ext(
        PE + "7", ip(family(V6, raw=NULL)), True)))
    bad("cert-router-inherit.as.router.cer", cert(
        "router", **{"as": ext(PE + "8", asn(raw=NULL), True)}))
    bad("cert-router-limit.all.router.cer", cert("router", **{"as": ext(
        PE + "8", asn(seq(integer(0), integer(2 ** 32 - 1))), True)}))
    bad("cert-router-limit.singly.router.cer", cert("router", **{"as": ext(
        PE + "8", asn(*[integer(2 * n) for n in range(65)]), True)}))


def crls():
    def ok(case, data):
        write("crl/good", case + ".crl", data)

    def no(case, data):
        write("crl/bad", case + ".crl", data)

    aki = ext(CE + "35", seq(tlv(0x80, keyid(CA_KEY))))
    number = ext(CE + "20", integer(5))
    when = time("250101000000Z")
    ok("plain", crl())
    ok("no-list", crl(entries=b""))
    ok("empty-list", crl(entries=seq()))
    ok("repeated", crl(entries=seq(*[seq(integer(3), when)] * 2)))
    ok("other-order", crl(exts=lambda e: e[::-1]))
    ok("number-zero", crl(exts=lambda e: [aki, ext(CE + "20", integer(0))]))
    ok("number-largest", crl(exts=lambda e: [aki, ext(
        CE + "20", integer(2 ** 159 - 1))]))
    ok("no-null", crl(inner=alg(b"")))
    ok("one-moment", crl(upto=when))
    ok("after-2049", crl(upto=time("20500101000000Z")))
    no("crl-version.absent", crl(version=b""))
    no("crl-version.v1", crl(version=integer(0)))
    no("crl-version.v3", crl(version=integer(2)))
    no("signature-algorithm.sha1", crl(
        inner=alg(which="1.2.840.113549.1.1.5")))
    no("signature-algorithm-differs.outer", crl(outer=alg(b"")))
    no("signature-size.short", crl(sig=bits(b"\x01")))
    no("name-form.empty", crl(issuer=seq()))
    no("crl-next-update.absent", crl(upto=b""))
    no("crl-next-update.before", crl(upto=time("241231235959Z")))
    no("time-choice.general", crl(upto=time("20250102000000Z")))
    no("time-form.this-update", crl(this=tlv(0x17, b"2501010000Z")))
    no("crl-serial.zero", crl(entries=seq(seq(integer(0), when))))
    no("crl-serial.negative", crl(entries=seq(seq(integer(-3), when))))
    no("crl-serial.long", crl(entries=seq(seq(integer(2 ** 159), when))))
    reason = seq(ext(CE + "21", tlv(0x0a, b"\x01")))
    no("crl-entry.reason", crl(entries=seq(seq(integer(3), when, reason))))
    no("der-truncated.no-date", crl(entries=seq(seq(integer(3)))))
    no("crl-extension.delta", crl(exts=lambda e: e + [ext(
        CE + "27", integer(1), True)]))
    no("crl-extension.partition", crl(exts=lambda e: e + [ext(
        CE + "28", seq(tlv(0x84, b"\xff")), True)]))
    no("crl-extension-twice.number", crl(exts=lambda e: e + [number]))
    no("crl-extension-twice.aki", crl(exts=lambda e: e + [aki]))
    no("crl-extension-critical.number", crl(exts=lambda e: [aki, ext(
        CE + "20", integer(5), True)]))
    no("crl-extension-critical.aki", crl(exts=lambda e: [ext(
        CE + "35", seq(tlv(0x80, keyid(CA_KEY))), True), number]))
    no("crl-extension-missing.number", crl(exts=lambda e: [aki]))
    no("crl-extension-missing.aki", crl(exts=lambda e: [number]))
    no("crl-extension-missing.all", crl(raw=b""))
    no("crl-number.negative", crl(exts=lambda e: [aki, ext(
        CE + "20", integer(-1))]))
    no("crl-number.long", crl(exts=lambda e: [aki, ext(
        CE + "20", integer(2 ** 159))]))
    no("cert-aki.no-keyid", crl(exts=lambda e: [ext(
        CE + "35", seq()), number]))
    no("der-trailing.after", crl() + NULL)
    no("der-trailing.in-tbs", crl(after=NULL))
    no("der-trailing.in-number", crl(exts=lambda e: [aki, ext(
        CE + "20", integer(5) + NULL)]))
    no("der-truncated.empty", b"")


def resources():
    def ok(case, data):
        case, kind = case.rsplit(".", 1)
        write("resources/%s/good" % kind, case, data)

    def no(case, data):
        case, kind = case.rsplit(".", 1)
        write("resources/%s/bad" % kind, case, data)

    def between(a, b):
        return seq(a, b)

    ok("plain.ip", IP)
    ok("plain.as", AS)
    ok("inherit.ip", ip(family(V4, raw=NULL)))
    ok("inherit.as", asn(raw=NULL))
    ok("all.ip", ip(family(V4, prefix(b"")), family(V6, prefix(b""))))
    ok("range.ip", ip(family(V4, between(
        prefix(b"\x0a\x00\x00\x01"), prefix(b"\x0a\x00\x00\x09")))))
    ok("rfc3779-appendix.ip", ip(family(
        V4, prefix(b"\x0a\x00\x20", 4), prefix(b"\x0a\x00\x40"),
        prefix(b"\x0a\x01"), between(prefix(b"\x0a\x02\x30", 4),
                                     prefix(b"\x0a\x02\x40")),
        prefix(b"\x0a\x03"))))
    ok("last.ip", ip(family(V4, prefix(b"\xff\xff\xff\xfd"),
                            prefix(b"\xff\xff\xff\xff"))))
    ok("last.as", asn(integer(2 ** 32 - 1)))
    ok("zero.as", asn(integer(0)))
    no("resources-family.one-octet.ip", ip(family(b"\x01", TEN)))
    no("resources-family.safi.ip", ip(family(b"\x00\x01\x01", TEN)))
    no("resources-family.empty.ip", ip(family(b"", TEN)))
    for afi in (0, 3, 0xFFFF, 0x0101):
        no("resources-family.%d.ip" % afi, ip(family(
            afi.to_bytes(2, "big"), TEN)))
    no("resources-family-order.reversed.ip", ip(
        family(V6, raw=NULL), family(V4, raw=NULL)))
    no("resources-family-order.twice.ip", ip(
        family(V4, TEN), family(V4, prefix(b"\x0b"))))
    no("resources-empty.blocks.ip", ip())
    no("resources-empty.family.ip", ip(family(V4)))
    no("resources-empty.identifiers.as", seq())
    no("resources-empty.list.as", asn())
    no("resources-length.33-bits.ip", ip(family(
        V4, prefix(b"\x0a\x00\x00\x01\x80", 7))))
    no("resources-length.129-bits.ip", ip(family(
        V6, prefix(b"\x20" + b"\x00" * 15 + b"\x80", 7))))
    no("resources-length.range.ip", ip(family(V4, between(
        prefix(b"\x0a"), prefix(b"\x0b\x00\x00\x00\x00")))))
    no("resources-order.descending.ip", ip(family(
        V4, prefix(b"\x0b"), prefix(b"\x0a"))))
    no("resources-order.same.ip", ip(family(V4, TEN, TEN)))
    no("resources-order.inside.ip", ip(family(V4, TEN, prefix(b"\x0a\x01"))))
    no("resources-order.last-address.ip", ip(family(V4, between(
        prefix(b"\x0a\x00\x00\x01"), prefix(b"\x0a\x00\x00\x05")),
        prefix(b"\x0a\x00\x00\x05"))))
    no("resources-order.after-all.ip", ip(family(
        V4, prefix(b""), prefix(b"\xff"))))
    no("resources-order.after-all.as", asn(
        seq(integer(0), integer(2 ** 32 - 1)), integer(2 ** 32 - 1)))
    no("resources-order.descending.as", asn(integer(2), integer(1)))
    no("resources-order.overlap.as", asn(
        seq(integer(1), integer(5)), integer(5)))
    no("resources-reversed.range.ip", ip(family(V4, between(
        prefix(b"\x0b"), prefix(b"\x0a")))))
    no("resources-reversed.range.as", asn(seq(integer(5), integer(1))))
    no("resources-reversed.range-of-one.as", asn(seq(integer(5), integer(5))))
    no("resources-rdi.after.as", asn(integer(1), rdi=tlv(
        0xa1, seq(integer(1)))))
    no("resources-rdi.alone.as", seq(tlv(0xa1, seq(integer(1)))))
    no("resources-asn.33-bits.as", asn(integer(2 ** 32)))
    no("resources-asn.negative.as", asn(integer(-1)))
    no("der-bits.host.ip", ip(family(V4, prefix(b"\x0a\x01", 1))))
    no("der-null.inherit.ip", ip(family(V4, raw=b"\x05\x01\x00")))
    no("der-trailing.family.ip", ip(seq(octets(V4), NULL, NULL)))
    no("der-trailing.after.as", AS + NULL)
    no("der-trailing.three.as", asn(seq(integer(1), integer(2), integer(3))))
    no("der-truncated.afi-only.ip", ip(seq(octets(V4))))


def main():
    good_certs()
    bad_fields()
    bad_keys()
    bad_extension_set()
    bad_values()
    bad_places()
    crls()
    resources()


if __name__ == "__main__":
    main()
