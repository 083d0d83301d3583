#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Write what stands at the borders of the rules for certificates, CRLs and
resources into fixtures/{cert,crl,resources}, beside what cert_cases.py writes.

usage: border_cases.py FIXTURES
"""
from cert_cases import (
    AS, CA_KEY, CE, CP, IP, KEY, NULL, PE, POINT, REPO, RSA_SHA256, SIA_CA,
    TEN, TRUE, V4, V6, access, alg, asn, bad, bits, cert, cps, crl, crldp, ec,
    ext, extensions, family, filler, good, integer, ip, keyid, modulus, name,
    octets, oid, policy, prefix, rsa, seq, time, tlv, uri, validity, write)

KINDS = ("ta", "ca", "ee", "router")
ECDSA = "1.2.840.10045.4.3.2"


def key_of(kind):
    return ec() if kind == "router" else KEY


def raw_uri(octets_):
    return tlv(0x86, octets_)


# --- names


def attribute(value, which="2.5.4.3", kind=0x13):
    return seq(oid(which), tlv(kind, value))


def serial(value=b"7"):
    return attribute(value, "2.5.4.5")


def names():
    both = sorted([attribute(b"kedge"), serial(b"7")])
    one_set = seq(tlv(0x31, *both))
    good("name-in-one-set.ca.cer", cert(subject=one_set))
    good("name-serial-first.ca.cer", cert(subject=seq(
        tlv(0x31, serial()), tlv(0x31, attribute(b"kedge")))))
    good("name-of-64.ca.cer", cert(subject=name("x" * 64)))
    good("name-of-64-in-utf8.router.cer", cert("router", subject=seq(
        tlv(0x31, attribute("\u00e9".encode() * 64, kind=0x0c)))))
    good("name-all-printable.ca.cer", cert(subject=name(
        "AZaz09 '()+,-./:=?")))
    good("name-and-id.router.cer", cert("router", subject=seq(
        tlv(0x31, attribute(b"ROUTER-0000FBF0")),
        tlv(0x31, serial(b"C0000201")))))
    disorder = seq(tlv(0x31, *both[::-1]))
    good("set-in-disorder.ca.cer", cert(subject=disorder))
    good("issuer-in-disorder.ca.cer", cert(issuer=disorder))
    bad("name-length.65.ca.cer", cert(subject=name("x" * 65)))
    bad("name-length.issuer.ca.cer", cert(issuer=name("x" * 65)))
    bad("name-length.serial.ca.cer", cert(subject=seq(
        tlv(0x31, attribute(b"a")), tlv(0x31, serial(b"1" * 65)))))
    bad("name-length.long.ca.cer", cert(subject=name("x" * 65536)))
    two = sorted([attribute(b"a"), attribute(b"b")])
    bad("name-form.two-names-one-set.ca.cer", cert(
        subject=seq(tlv(0x31, *two))))
    bad("name-form.two-serials.ca.cer", cert(subject=seq(
        tlv(0x31, attribute(b"a")), tlv(0x31, serial()),
        tlv(0x31, serial(b"8")))))
    bad("name-form.two-serials-one-set.ca.cer", cert(subject=seq(
        tlv(0x31, attribute(b"a")), tlv(0x31, serial(), serial(b"8")))))
    bad("name-form.issuer-two-names.ca.cer", cert(issuer=seq(
        tlv(0x31, *two))))
    bad("name-form.issuer-organization.ca.cer", cert(issuer=seq(
        tlv(0x31, attribute(b"o", "2.5.4.10")))))
    bad("name-form.issuer-only-serial.ca.cer", cert(issuer=seq(
        tlv(0x31, serial()))))
    for kind, tag in (("ia5", 0x16), ("bmp", 0x1e), ("universal", 0x1c),
                      ("octets", 0x04), ("constructed", 0x33)):
        bad("name-string.%s.ca.cer" % kind, cert(subject=name(kind=tag)))
    bad("der-string.underscore.ca.cer", cert(subject=name("a_b")))
    bad("der-string.nul-in-name.ca.cer", cert(subject=name("a\0b")))
    bad("der-tag.name-sequence.ca.cer", cert(subject=seq(
        seq(attribute(b"a")))))
    bad("der-trailing.in-attribute.ca.cer", cert(subject=seq(
        tlv(0x31, seq(oid("2.5.4.3"), tlv(0x13, b"a"), NULL)))))


# --- fields


def fields():
    bad("cert-version.v2.ca.cer", cert(version=tlv(0xa0, integer(1))))
    bad("cert-version.negative.ca.cer", cert(
        version=tlv(0xa0, integer(-1))))
    bad("der-trailing.in-version.ca.cer", cert(
        version=tlv(0xa0, integer(2), integer(2))))
    bad("der-integer.serial-minus-padded.ca.cer", cert(
        serial=b"\x02\x02\xff\x80"))
    bad("cert-serial.21-octets-negative.ca.cer", cert(
        serial=tlv(2, b"\x80" + b"\x00" * 20)))
    bad("cert-serial.1000-octets.ca.cer", cert(
        serial=tlv(2, b"\x01" + b"\x00" * 999)))
    for case, when in (("month-13", "251301000000Z"),
                       ("second-60", "250101000060Z"),
                       ("hour-24", "250101240000Z"),
                       ("no-leap-day", "250229000000Z"),
                       ("no-seconds", "2501010000Z"),
                       ("lower-z", "250101000000z")):
        bad("time-form.%s.ca.cer" % case, cert(valid=seq(
            tlv(0x17, when.encode()), time("350101000000Z"))))
    for case, when in (("fraction", "20500101000000.5Z"),
                       ("2100-leap-day", "21000229000000Z"),
                       ("offset-general", "20500101000000+0100"),
                       ("local", "20500101000000")):
        bad("time-form.%s.ca.cer" % case, cert(valid=seq(
            time("250101000000Z"), tlv(0x18, when.encode()))))
    bad("time-choice.not-before.ca.cer", cert(
        valid=validity("20250101000000Z", "350101000000Z")))
    bad("time-choice.last-second.ca.cer", cert(
        valid=validity("250101000000Z", "20491231235959Z")))
    good("first-general.ca.cer", cert(
        valid=validity("491231235959Z", "20500101000000Z")))
    good("forever.ca.cer", cert(
        valid=validity("500101000000Z", "99991231235959Z")))
    bad("der-tag.validity-text.ca.cer", cert(valid=seq(
        tlv(0x13, b"250101000000Z"), time("350101000000Z"))))
    bad("der-trailing.in-validity.ca.cer", cert(valid=seq(
        time("250101000000Z"), time("350101000000Z"), NULL)))
    bad("der-truncated.no-not-after.ca.cer", cert(valid=seq(
        time("250101000000Z"))))
    pss = "1.2.840.113549.1.1.10"
    bad("signature-algorithm.pss.ca.cer", cert(inner=alg(which=pss)))
    for n, name_ in ((12, "sha384"), (13, "sha512"), (4, "md5"), (1, "plain")):
        bad("signature-algorithm.%s.ca.cer" % name_, cert(
            inner=alg(which=RSA_SHA256[:-2] + str(n))))
    bad("signature-algorithm.empty-parameters.ca.cer", cert(
        inner=alg(seq())))
    bad("signature-algorithm-differs.inner-no-null.ca.cer", cert(
        inner=alg(b""), outer=alg()))
    bad("der-null.parameters.ca.cer", cert(inner=alg(b"\x05\x01\x00")))
    bad("der-length.null-long.ca.cer", cert(inner=alg(b"\x05\x81\x00")))
    bad("der-bits.signature-unused.ca.cer", cert(
        sig=bits(filler(b"s", 255) + b"\x81", 7)))
    bad("der-tag.signature-octets.ca.cer", cert(sig=octets(
        filler(b"s", 256))))
    bad("der-tag.signature-constructed.ca.cer", cert(
        sig=tlv(0x23, bits(filler(b"s", 256)))))
    bad("cert-extension-missing.version-3-without.ca.cer", cert(
        no_extensions=True))
    bad("cert-purpose.no-extension.ca.cer", cert(drop=tuple(
        extensions("ca", KEY))))


# --- keys


def keys():
    n = modulus(b"subject")
    rsa_oid = seq(oid("1.2.840.113549.1.1.1"), NULL)
    bad("cert-key-size.2049.ca.cer", cert(key=rsa(1 << 2048 | n)))
    bad("cert-key-size.3072.ca.cer", cert(key=rsa(modulus(b"k", 384))))
    bad("cert-key-size.16384.ca.cer", cert(key=rsa(modulus(b"k", 2048))))
    # the signature is as long as the key or the algorithm makes it
    bad("cert-key-size.4096-alone.ta.cer", cert(
        "ta", key=rsa(modulus(b"k", 512)), sig=bits(filler(b"s", 512))))
    bad("signature-algorithm.by-ecdsa.ca.cer", cert(
        inner=alg(b"", ECDSA), sig=bits(filler(b"s", 71))))
    bad("cert-key-exponent.0.ca.cer", cert(key=rsa(n, 0)))
    bad("cert-key-exponent.65536.ca.cer", cert(key=rsa(n, 65536)))
    bad("cert-key-exponent.modulus.ca.cer", cert(key=rsa(n, n)))
    padded = tlv(2, b"\x00\x00" + n.to_bytes(256, "big"))
    bad("der-integer.modulus-padded.ca.cer", cert(key=seq(
        rsa_oid, bits(seq(padded, integer(65537))))))
    bad("der-integer.exponent-padded.ca.cer", cert(key=seq(
        rsa_oid, bits(seq(integer(n), b"\x02\x04\x00\x01\x00\x01")))))
    bad("der-trailing.after-key.ca.cer", cert(key=seq(
        rsa_oid, bits(seq(integer(n), integer(65537)) + b"\x00"))))
    bad("der-trailing.in-spki.ca.cer", cert(key=seq(
        rsa_oid, bits(seq(integer(n), integer(65537))), NULL)))
    bad("cert-key-algorithm.two-nulls.ca.cer", cert(key=seq(
        seq(oid("1.2.840.113549.1.1.1"), NULL, NULL),
        bits(seq(integer(n), integer(65537))))))
    for case, which in (("oaep", "7"), ("sha256-with-rsa", "11")):
        bad("cert-key-algorithm.%s.ca.cer" % case, cert(key=seq(
            seq(oid("1.2.840.113549.1.1." + which), NULL),
            bits(seq(integer(n), integer(65537))))))
    bad("cert-key-algorithm.rsa-oid-for-ee.ee.cer", cert("ee", key=ec()))
    bad("cert-key-algorithm.ec-in-ta.ta.cer", cert("ta", key=ec()))
    ec_oid = oid("1.2.840.10045.2.1")
    p256 = oid("1.2.840.10045.3.1.7")
    for case, curve in (("secp256k1", "1.3.132.0.10"),
                        ("p521", "1.3.132.0.35")):
        bad("cert-key-algorithm.%s.router.cer" % case, cert(
            "router", key=ec(curve=curve)))
    bad("cert-key-algorithm.explicit-curve.router.cer", cert("router", key=seq(
        seq(ec_oid, seq(integer(1))), bits(POINT))))
    bad("cert-key-algorithm.no-curve.router.cer", cert("router", key=seq(
        seq(ec_oid), bits(POINT))))
    bad("cert-key-algorithm.after-curve.router.cer", cert("router", key=seq(
        seq(ec_oid, p256, NULL), bits(POINT))))
    p = 2 ** 256 - 2 ** 224 + 2 ** 192 + 2 ** 96 - 1
    x = int.from_bytes(POINT[1:33], "big")
    for case, point in (
            ("hybrid", b"\x07" + POINT[1:]), ("empty", b""),
            ("short", POINT[:-1]), ("long", POINT + b"\x00"),
            ("zero", b"\x04" + b"\x00" * 64),
            ("swapped", b"\x04" + POINT[33:] + POINT[1:33]),
            ("above-field", b"\x04" + b"\xff" * 32 + POINT[33:])):
        bad("cert-key-point.%s.router.cer" % case, cert(
            "router", key=ec(point)))
    if x + p < 2 ** 256:
        bad("cert-key-point.same-modulo-p.router.cer", cert("router", key=ec(
            b"\x04" + (x + p).to_bytes(32, "big") + POINT[33:])))


# --- extensions: presence, criticality, shape


UNLISTED = (
    ("subject-alt-name", CE + "17", seq(tlv(0x82, b"a.example"))),
    ("name-constraints", CE + "30", seq(tlv(0xa0, seq(seq(
        tlv(0x82, b"a.example")))))),
    ("policy-mappings", CE + "33", seq(seq(oid(CP + "2"), oid(CP + "2")))),
    ("policy-constraints", CE + "36", seq(tlv(0x80, b"\x00"))),
    ("freshest-crl", CE + "46", seq()),
    ("inhibit-any-policy", CE + "54", integer(0)),
    ("private-key-usage", CE + "16", seq()),
    ("directory-attributes", CE + "9", seq()),
    ("crl-number", CE + "20", integer(1)),
    ("netscape-comment", "2.16.840.1.113730.1.13", tlv(0x16, b"hello")),
    ("tls-feature", PE + "24", seq(integer(5))),
)


def flip(value):
    """The same Extension with its critical flag turned over."""
    end = value.index(b"\x06") + 2 + value[value.index(b"\x06") + 1]
    start = value.index(b"\x06")
    head, rest = value[start:end], value[end:]
    return seq(head, rest[3:] if rest[:3] == TRUE else TRUE + rest)


def extension_sets():
    for kind in KINDS:
        for label, value in extensions(kind, key_of(kind)).items():
            if kind != "ca":
                bad("cert-extension-twice.%s.%s.cer" % (label, kind), cert(
                    kind, add=value))
                bad("cert-extension-critical.%s.%s.cer" % (label, kind), cert(
                    kind, **{label: flip(value)}))
        bad("cert-extension-unknown.critical.%s.cer" % kind
            if kind != "ca" else "cert-extension-unknown.long-oid.ca.cer",
            cert(kind, add=ext("1.2.3.4.5.6.7.8.9", NULL, True)))
    for label, which, value in UNLISTED:
        bad("cert-extension-unknown.%s.ca.cer" % label, cert(
            add=ext(which, value)))
    bad("cert-extension-unknown.name-constraints.ee.cer", cert(
        "ee", add=ext(UNLISTED[1][1], UNLISTED[1][2])))
    bad("cert-extension-twice.other-value.ca.cer", cert(
        add=ext(CE + "14", octets(keyid(CA_KEY)))))
    bad("cert-v2-oid.both.ca.cer", cert(add=ext(PE + "28", IP, True)))
    bad("cert-v2-oid.ee.ee.cer", cert("ee", cp=ext(
        CE + "32", policy(CP + "3"), True)))
    bad("cert-v2-oid.ta.ta.cer", cert("ta", ip=ext(PE + "28", IP, True)))
    bad("der-tag.value-bits.ca.cer", cert(ski=seq(
        oid(CE + "14"), bits(octets(keyid(KEY))))))
    bad("der-tag.value-constructed.ca.cer", cert(ski=seq(
        oid(CE + "14"), tlv(0x24, octets(octets(keyid(KEY)))))))
    bad("der-trailing.after-value.ca.cer", cert(ski=seq(
        oid(CE + "14"), octets(octets(keyid(KEY))), NULL)))
    bad("der-oid.extension.ca.cer", cert(add=seq(
        b"\x06\x04\x55\x80\x1d\x0e", octets(NULL))))
    bad("der-truncated.no-value.ca.cer", cert(add=seq(oid("1.2.3.4"))))
    for label, which, value in (
            ("ski", CE + "14", octets(keyid(KEY))),
            ("aki", CE + "35", seq(tlv(0x80, keyid(CA_KEY)))),
            ("ku", CE + "15", bits(b"\x06", 1)),
            ("crldp", CE + "31", crldp(uri("rsync://r.example/m/up.crl"))),
            ("aia", PE + "1", access(("2", "rsync://r.example/m/up.cer"))),
            ("sia", PE + "11", access(*SIA_CA)), ("cp", CE + "32", policy()),
            ("ip", PE + "7", IP), ("as", PE + "8", AS)):
        bad("der-trailing.in-%s.ca.cer" % label, cert(**{label: ext(
            which, value + NULL, label in ("ku", "cp", "ip", "as"))}))
    bad("der-truncated.empty-ski.ca.cer", cert(ski=ext(CE + "14", b"")))
    # of a CA and a router at once: whichever it is, it has one too many
    bad("cert-extension-forbidden.router-with-bc.ca.cer", cert(
        "router", add=extensions("ca", KEY)["bc"]))
    bad("cert-extension-forbidden.router-not-ca.ca.cer", cert(
        "router", add=ext(CE + "19", seq(), True)))
    bad("cert-purpose.anchor-without-bc.ca.cer", cert("ta", drop=("bc",)))
    bad("cert-extension-missing.anchor-as-file.ca.cer", cert("ta"))


# --- values of extensions


def values():
    def one(file, label, which, value, critical=False):
        kind = file.rsplit(".", 2)[1]
        bad(file, cert(kind, **{label: ext(which, value, critical)}))

    one("cert-basic-constraints.only-path.ca.cer", "bc", CE + "19",
        seq(integer(0)), True)
    one("cert-basic-constraints.large-path.ca.cer", "bc", CE + "19",
        seq(TRUE, integer(2 ** 31)), True)
    one("der-boolean.ca-one.ca.cer", "bc", CE + "19",
        seq(b"\x01\x01\x01"), True)
    one("cert-basic-constraints.not-ca.ta.cer", "bc", CE + "19", seq(), True)
    aki = tlv(0x80, keyid(KEY))
    one("cert-aki.with-serial.ta.cer", "aki", CE + "35",
        seq(aki, tlv(0xa1, tlv(0xa4, name())), tlv(0x82, b"\x07")))
    one("cert-aki.only-issuer.ca.cer", "aki", CE + "35",
        seq(tlv(0xa1, tlv(0xa4, name())), tlv(0x82, b"\x07")))
    one("cert-aki.with-issuer.ca.cer", "aki", CE + "35",
        seq(tlv(0x80, keyid(CA_KEY)), tlv(0xa1, tlv(0xa4, name()))))
    one("cert-aki.constructed.ca.cer", "aki", CE + "35",
        seq(tlv(0xa0, octets(keyid(CA_KEY)))))
    one("cert-ski.sha256.ca.cer", "ski", CE + "14",
        octets(filler(b"ski", 32)))
    for kind in ("ee", "router", "ta"):
        one("cert-ski.other-key.%s.cer" % kind, "ski", CE + "14",
            octets(keyid(CA_KEY)))
    for kind in ("ee", "router"):
        one("cert-aki.with-serial.%s.cer" % kind, "aki", CE + "35",
            seq(tlv(0x80, keyid(CA_KEY)), tlv(0xa1, tlv(0xa4, name())),
                tlv(0x82, b"\x07")))
    for case, kind, value in (
            ("none", "ee", bits(b"")), ("cert-sign", "ee", bits(b"\x04", 2)),
            ("and-crl-sign", "ee", bits(b"\x82", 1)),
            ("padded", "ee", bits(b"\x80")),
            ("as-ca", "router", bits(b"\x06", 1)),
            ("key-agreement", "router", bits(b"\x88", 3)),
            ("as-ee", "ca", bits(b"\x80", 7)),
            ("crl-only", "ca", bits(b"\x02", 1)),
            ("decipher-only", "ca", bits(b"\x06\x80", 7)),
            ("digital-too", "ta", bits(b"\x86", 1))):
        file = "cert-key-usage.%s.%s.cer" % (case, kind)
        one(file, "ku", CE + "15", value, True)
    one("der-bits.key-usage.ca.cer", "ku", CE + "15", bits(b"\x07", 1), True)
    one("der-tag.key-usage-octets.ca.cer", "ku", CE + "15",
        octets(b"\x06"), True)
    one("der-tag.purpose.router.cer", "eku", CE + "37", seq(integer(1)))
    one("cert-eku.any.router.cer", "eku", CE + "37", seq(oid(CE + "37.0")))
    one("der-truncated.policy-empty.ca.cer", "cp", CE + "32", seq(seq()),
        True)
    one("cert-policy.any.ee.cer", "cp", CE + "32", policy(CE + "32.0"), True)
    one("cert-policy.same-twice.ca.cer", "cp", CE + "32",
        policy(more=seq(oid(CP + "2"))), True)
    one("cert-policy.cps-and-notice.ca.cer", "cp", CE + "32", policy(
        qualifier=seq(seq(oid("1.3.6.1.5.5.7.2.1"), tlv(0x16, b"x:y")),
                      seq(oid("1.3.6.1.5.5.7.2.2"), seq()))), True)
    one("der-tag.cps-utf8.ca.cer", "cp", CE + "32", policy(qualifier=seq(seq(
        oid("1.3.6.1.5.5.7.2.1"), tlv(0x0c, b"x:y")))), True)
    one("der-string.cps-beyond-ascii.ca.cer", "cp", CE + "32",
        policy(qualifier=seq(seq(oid("1.3.6.1.5.5.7.2.1"),
                                 tlv(0x16, b"x:\xc3\xa9")))), True)
    good("cps.ee.cer", cert("ee", cp=ext(
        CE + "32", policy(qualifier=cps()), True)))
    good("cps.router.cer", cert("router", cp=ext(
        CE + "32", policy(qualifier=cps()), True)))


# --- URIs


# what is wrong with it, the fault, and the octets behind the scheme
BROKEN = (
    ("empty-host", "uri-form", b"/m/x"),
    ("no-path", "uri-form", b"r.example"),
    ("dots", "uri-form", b"r.example/m/../x"),
    ("dot", "uri-form", b"r.example/m/./x"),
    ("dots-first", "uri-form", b"r.example/../x"),
    ("two-slashes", "uri-form", b"r.example/m//x"),
    ("percent-dots", "uri-form", b"r.example/m/%2e%2e/x"),
    ("percent-slash", "uri-form", b"r.example/m/a%2Fx"),
    ("percent-nul", "uri-form", b"r.example/m/a%00x"),
    ("query", "uri-form", b"r.example/m/x?a"),
    ("fragment", "uri-form", b"r.example/m/x#a"),
    ("user", "uri-form", b"me@r.example/m/x"),
    ("blank", "uri-form", b"r.example/m/a x"),
    ("tab", "uri-form", b"r.example/m/a\tx"),
    ("newline", "uri-form", b"r.example/m/a\nx"),
    ("delete", "uri-form", b"r.example/m/a\x7fx"),
    ("backslash", "uri-form", b"r.example/m\\x"),
    ("quote", "uri-form", b"r.example/m/a\"x"),
    ("brace", "uri-form", b"r.example/m/{x"),
    ("nul", "uri-form", b"r.example/m/x\x00.cer"),
    ("port-0", "uri-form", b"r.example:0/m/x"),
    ("port-65536", "uri-form", b"r.example:65536/m/x"),
    ("port-word", "uri-form", b"r.example:rsync/m/x"),
    ("dot-host", "uri-form", b"../m/x"),
    ("trailing-dot", "uri-form", b"r.example./m/x"),
    ("dash-host", "uri-form", b"-oProxy/m/x"),
    ("number-host", "uri-form", b"3232235777/m/x"),
    ("half-bracket", "uri-form", b"[::1/m/x"),
    ("utf8", "der-string", b"r.example/m/\xc3\xb3"),
    ("not-utf8", "der-string", b"r.example/m/\xff"),
    ("long", "uri-length", b"r.example/m/" + b"a" * 2048),
)
PLACES = (
    ("aia", "2", b"rsync://"), ("repository", "5", b"rsync://"),
    ("manifest", "10", b"rsync://"), ("notify", "13", b"https://"),
    ("object", "11", b"rsync://"), ("crldp", None, b"rsync://"))


def place(place_, scheme_and_rest):
    """A good certificate but for this one URI."""
    label, method, _ = place_
    value = raw_uri(scheme_and_rest)
    if label == "aia":
        return cert(aia=ext(PE + "1", access((method, value))))
    if label == "crldp":
        return cert(crldp=ext(CE + "31", crldp(value)))
    if label == "object":
        return cert("ee", sia=ext(PE + "11", access((method, value))))
    return cert(sia=ext(PE + "11", access(
        *[(m, value if m == method else u) for m, u in SIA_CA])))


def uris():
    for where in PLACES:
        kind = "ee" if where[0] == "object" else "ca"
        wide = where[0] in ("repository", "object")
        for case, fault, rest in BROKEN:
            if not wide and case not in ("dots", "percent-dots", "utf8", "nul",
                                         "not-utf8", "tab", "empty-host",
                                         "two-slashes"):
                continue
            if where[0] == "crldp" and case in ("dots", "nul"):
                continue  # cert_cases.py has them
            bad("%s.%s-%s.%s.cer" % (fault, where[0], case, kind),
                place(where, where[2] + rest))
        for case, octets_ in (("empty", b""), ("ftp", b"ftp://r.example/m/x"),
                              ("relative", b"m/x"), ("colon", b"rsync:x")):
            bad("uri-scheme.%s-%s.%s.cer" % (where[0], case, kind),
                place(where, octets_))
    bad("uri-form.object-module-only.ee.cer", place(
        PLACES[4], b"rsync://r.example/"))
    good("upper-case.ca.cer", cert(sia=ext(PE + "11", access(
        ("5", "RSYNC://R.Example:873/m/ca/"), *SIA_CA[1:]))))
    good("port-and-address.ca.cer", cert(sia=ext(PE + "11", access(
        ("5", "rsync://192.0.2.1:8873/m/ca/"),
        ("10", "rsync://192.0.2.1:8873/m/ca/ca.mft")))))


def places():
    def sia(file, *pairs):
        kind = file.rsplit(".", 2)[1]
        bad(file, cert(kind, sia=ext(PE + "11", access(*pairs))))

    elsewhere = ("5", "rsync://r.example/m/elsewhere/")
    good("second-repository.ca.cer", cert(sia=ext(PE + "11", access(
        elsewhere, *SIA_CA))))
    good("second-manifest.ca.cer", cert(sia=ext(PE + "11", access(
        SIA_CA[0], ("10", "rsync://r.example/m/elsewhere/ca.mft"),
        *SIA_CA[1:]))))
    good("later-places.ca.cer", cert(sia=ext(PE + "11", access(
        *SIA_CA, elsewhere, ("10", "rsync://r.example/m/elsewhere/x.mft")))))
    good("ninth-repository.ca.cer", cert(sia=ext(PE + "11", access(
        *[("5", "rsync://r.example/m/%d/" % n) for n in range(8)], *SIA_CA))))
    good("same-start.ca.cer", cert(sia=ext(PE + "11", access(
        ("5", REPO[:-1]), ("10", REPO[:-1] + "x/ca.mft")))))
    sia("cert-sia-manifest.only-suffix.ca.cer", SIA_CA[0],
        ("10", REPO + ".mft/"))
    sia("cert-sia-manifest.upper-suffix.ca.cer", SIA_CA[0],
        ("10", REPO + "ca.MFT"))
    sia("cert-sia.object-in-ca.ca.cer", ("11", REPO + "a.roa"))
    sia("uri-scheme.manifest-dns.ca.cer", SIA_CA[0],
        ("10", tlv(0x82, b"r.example")))
    sia("cert-sia-notify.same-twice.ca.cer", *SIA_CA, SIA_CA[2])
    sia("uri-scheme.notify-dns.ca.cer", *SIA_CA[:2],
        ("13", tlv(0x82, b"r.example")))
    sia("der-tag.location-sequence.ca.cer", *SIA_CA, ("99", seq()))
    sia("der-tag.location-ia5.ca.cer", *SIA_CA,
        ("99", tlv(0x16, b"rsync://r.example/m/x")))
    sia("der-string.unknown-method.ca.cer", *SIA_CA,
        ("99", raw_uri(b"x:\xff")))
    sia("cert-sia-method.manifest.ee.cer", ("11", REPO + "a.roa"), SIA_CA[1])
    sia("cert-sia-method.ocsp.ee.cer", ("11", REPO + "a.roa"),
        ("1", "http://r.example/ocsp"))
    sia("cert-sia-method.only-unknown.ee.cer", ("99", REPO + "a.roa"))
    sia("uri-scheme.object-dns.ee.cer", ("11", tlv(0x82, b"r.example")))
    good("second-object.ee.cer", cert("ee", sia=ext(PE + "11", access(
        ("11", "https://r.example/a.roa"), ("11", REPO + "a.roa"),
        ("11", REPO + "b.roa")))))
    bad("cert-extension-forbidden.object.router.cer", cert("router", add=ext(
        PE + "11", access(("11", REPO + "a.roa")))))
    bad("cert-extension-forbidden.eku-any.ca.cer", cert(
        add=ext(CE + "37", seq(oid(CE + "37.0")))))
    good("two-issuers.ca.cer", cert(aia=ext(PE + "1", access(
        ("2", "rsync://r.example/m/up.cer"),
        ("2", "rsync://s.example/m/up.cer")))))
    good("ocsp-too.ca.cer", cert(aia=ext(PE + "1", access(
        ("2", "rsync://r.example/m/up.cer"), ("1", "http://r.example/")))))
    bad("uri-scheme.aia-http.ca.cer", cert(aia=ext(PE + "1", access(
        ("2", "http://r.example/up.cer")))))
    up = uri("rsync://r.example/m/up.crl")
    good("two-crls.ca.cer", cert(crldp=ext(CE + "31", crldp(
        up, uri("rsync://s.example/m/up.crl")))))
    good("folders.ca.cer", cert(
        aia=ext(PE + "1", access(("2", "rsync://r.example/m/"))),
        crldp=ext(CE + "31", crldp(uri("rsync://r.example/m/"))),
        sia=ext(PE + "11", access(*SIA_CA[:2], ("13", "https://r.example/")))))
    bad("cert-crldp.dns-too.ca.cer", cert(crldp=ext(CE + "31", crldp(
        up, tlv(0x82, b"r.example")))))
    bad("cert-crldp.two-same.ca.cer", cert(crldp=ext(CE + "31", crldp(
        up, more=seq(tlv(0xa0, tlv(0xa0, up)))))))
    bad("cert-crldp.only-reasons.ca.cer", cert(crldp=ext(CE + "31", seq(
        seq(tlv(0x81, b"\x01\x06"))))))
    bad("der-trailing.crldp-two-names.ca.cer", cert(crldp=ext(CE + "31", seq(
        seq(tlv(0xa0, tlv(0xa0, up), tlv(0xa0, up)))))))


# --- resources inside certificates


def holdings():
    bad("cert-ta-inherit.all.ta.cer", cert(
        "ta", ip=ext(PE + "7", ip(family(V4, raw=NULL), family(V6, raw=NULL)),
                     True), **{"as": ext(PE + "8", asn(raw=NULL), True)}))
    bad("cert-ta-inherit.v4.ta.cer", cert("ta", ip=ext(
        PE + "7", ip(family(V4, raw=NULL), family(V6, TEN)), True)))
    bad("cert-resources.none.ta.cer", cert("ta", drop=("ip", "as")))
    good("only-ip.ta.cer", cert("ta", drop=("as",)))
    good("only-as.ta.cer", cert("ta", drop=("ip",)))
    good("inherit-some.ca.cer", cert(ip=ext(PE + "7", ip(
        family(V4, raw=NULL), family(V6, prefix(b"\x20\x01"))), True)))
    bad("resources-empty.ip.ca.cer", cert(ip=ext(PE + "7", ip(), True)))
    bad("resources-empty.as.ca.cer", cert(**{"as": ext(
        PE + "8", asn(), True)}))
    bad("resources-rdi.too.ca.cer", cert(**{"as": ext(PE + "8", asn(
        integer(1), rdi=tlv(0xa1, seq(integer(1)))), True)}))
    bad("cert-router-limit.range-and-one.router.cer", cert(
        "router", **{"as": ext(PE + "8", asn(
            integer(1), seq(integer(10), integer(73))), True)}))
    good("first-and-last-as.router.cer", cert("router", **{"as": ext(
        PE + "8", asn(integer(0), integer(2 ** 32 - 1)), True)}))


def resources():
    def ok(case, data):
        case, kind = case.rsplit(".", 1)
        write("resources/%s/good" % kind, case, data)

    def no(case, data):
        case, kind = case.rsplit(".", 1)
        write("resources/%s/bad" % kind, case, data)

    def v4(*elements):
        return ip(family(V4, *elements))

    def four(a, b, c, d):
        return prefix(bytes([a, b, c, d]))

    no("resources-adjacent.prefixes.ip", v4(TEN, prefix(b"\x0b")))
    no("resources-adjacent.one-address.ip", v4(
        four(10, 0, 0, 1), four(10, 0, 0, 2)))
    no("resources-adjacent.range-and-prefix.ip", v4(
        seq(four(10, 0, 0, 1), prefix(b"\x0a\x00\x00\x04", 1)),
        prefix(b"\x0a\x00\x00\x06", 1)))
    no("resources-adjacent.at-the-end.ip", v4(
        prefix(b"\xff\xff\xff\xfe"), prefix(b"\xff\xff\xff\xff")))
    no("resources-adjacent.v6.ip", ip(family(
        V6, prefix(b"\x00" * 7 + b"\x00", 0), prefix(b"\x00" * 7 + b"\x01"))))
    no("resources-adjacent.ids.as", asn(integer(1), integer(2)))
    no("resources-adjacent.range-and-id.as", asn(
        seq(integer(1), integer(5)), integer(6)))
    no("resources-adjacent.last.as", asn(
        integer(2 ** 32 - 2), integer(2 ** 32 - 1)))
    no("resources-prefix-range.all.ip", v4(seq(prefix(b""), prefix(b""))))
    no("resources-prefix-range.one-address.ip", v4(
        seq(four(10, 0, 0, 1), four(10, 0, 0, 1))))
    no("resources-prefix-range.slash-24.ip", v4(
        seq(prefix(b"\x0a"), prefix(b"\x0a\x00\x00"))))
    no("resources-prefix-range.spelt-out.ip", v4(
        seq(four(10, 0, 0, 0), four(10, 0, 0, 255))))
    no("resources-prefix-range.v6-half.ip", ip(family(
        V6, seq(prefix(b"\x80", 7), prefix(b"")))))
    no("resources-reversed.one-less.ip", v4(
        seq(four(10, 0, 0, 1), four(10, 0, 0, 0))))
    no("resources-reversed.v6.ip", ip(family(
        V6, seq(prefix(b"\x20\x02"), prefix(b"\x20\x01")))))
    no("resources-reversed.zero.as", asn(seq(integer(0), integer(0))))
    no("resources-order.overlap.ip", v4(
        seq(four(10, 0, 0, 1), prefix(b"\x0a\x00\x00\x10")),
        seq(four(10, 0, 0, 5), prefix(b"\x0a\x00\x00\x20"))))
    no("resources-order.same.as", asn(integer(1), integer(1)))
    no("resources-order.range-inside.as", asn(
        seq(integer(1), integer(9)), seq(integer(3), integer(4))))
    no("resources-length.v4-as-v6.ip", ip(family(
        V4, prefix(b"\x20\x01\x0d\xb8" + b"\x00" * 12))))
    no("resources-length.range-max.ip", v4(
        seq(TEN, prefix(b"\x0b\x00\x00\x00\x80", 7))))
    no("resources-family.four-octets.ip", ip(family(b"\x00\x00\x00\x01", TEN)))
    no("resources-family.v6-safi.ip", ip(family(b"\x00\x02\x80", TEN)))
    no("resources-family-order.three.ip", ip(
        family(V4, TEN), family(V6, TEN), family(V6, prefix(b"\x0b"))))
    no("resources-empty.second-family.ip", ip(family(V4, TEN), family(V6)))
    no("der-bits.range-host.ip", v4(
        seq(prefix(b"\x0a\x01", 1), prefix(b"\x0b"))))
    no("der-bits.nothing.ip", v4(b"\x03\x00"))
    no("der-bits.unused-of-none.ip", v4(b"\x03\x01\x04"))
    no("der-bits.eight-unused.ip", v4(b"\x03\x02\x08\x00"))
    no("der-tag.octets.ip", v4(octets(b"\x0a")))
    no("der-tag.constructed-bits.ip", v4(tlv(0x23, TEN)))
    no("der-tag.family-bits.ip", ip(seq(bits(V4), seq(TEN))))
    no("der-tag.family-constructed.ip", ip(seq(tlv(0x24, octets(V4)),
                                               seq(TEN))))
    no("der-tag.choice-set.ip", ip(seq(octets(V4), tlv(0x31, TEN))))
    no("der-tag.blocks-set.ip", tlv(0x31, family(V4, TEN)))
    no("der-truncated.range-of-one-end.ip", v4(seq(TEN)))
    no("der-truncated.empty-range.ip", v4(seq()))
    no("der-trailing.range-of-three.ip", v4(seq(TEN, prefix(b"\x0b"), TEN)))
    no("der-trailing.blocks.ip", IP + NULL)
    no("der-length.prefix.ip", v4(b"\x03\x81\x02\x00\x0a"))
    ok("range-min-spelt-out.ip", v4(
        seq(four(10, 0, 0, 2), prefix(b"\x0a\x00\x00\x08", 1))))
    ok("all-but-first.ip", v4(seq(four(0, 0, 0, 1), prefix(b""))))
    for case, last in (("all-but-first-with-a-one", prefix(b"\x80", 7)),
                       ("half-without-a-one", prefix(b"\x00", 7)),
                       ("half-with-a-one", prefix(b"\x40", 6)),
                       ("half-with-two-ones", prefix(b"\x60", 5))):
        ok(case + ".ip", v4(seq(four(0, 0, 0, 1), last)))
    ok("all-but-last.ip", v4(seq(prefix(b""),
                                 prefix(b"\xff\xff\xff\xfe"))))
    ok("all-but-last-of-v6.ip", ip(family(V6, seq(
        prefix(b""), prefix(b"\xff" * 15 + b"\xfe")))))
    ok("two-addresses-apart.ip", v4(four(10, 0, 0, 1), four(10, 0, 0, 3)))
    ok("range-across-halves.ip", ip(family(V6, seq(
        prefix(b"\x00" * 7 + b"\x01" + b"\xff" * 8),
        prefix(b"\x00" * 7 + b"\x02", 1)))))
    ok("only-v6.ip", ip(family(V6, prefix(b"\x20\x01\x0d\xb8"))))
    ok("inherit-both.ip", ip(family(V4, raw=NULL), family(V6, raw=NULL)))
    ok("inherit-and-list.ip", ip(family(V4, TEN), family(V6, raw=NULL)))
    ok("all.as", asn(seq(integer(0), integer(2 ** 32 - 1))))
    ok("apart.as", asn(integer(1), integer(3), seq(integer(5), integer(6))))
    no("der-null.inherit.as", asn(raw=b"\x05\x01\x00"))
    no("der-tag.implicit.as", seq(tlv(0xa0, integer(1))))
    no("der-tag.asnum-primitive.as", seq(tlv(0x80, seq(integer(1)))))
    no("der-tag.no-asnum.as", seq(seq(integer(1))))
    no("der-tag.other-field.as", seq(tlv(0xa2, NULL)))
    no("resources-rdi.inherit.as", asn(raw=NULL, rdi=tlv(0xa1, NULL)))
    no("der-trailing.asnum-twice.as", asn(integer(1), rdi=tlv(
        0xa0, seq(integer(2)))))
    no("der-truncated.range-of-one-end.as", asn(seq(integer(1))))
    no("der-truncated.empty-asnum.as", seq(tlv(0xa0)))
    no("der-integer.padded.as", asn(b"\x02\x02\x00\x01"))
    no("der-integer.empty.as", asn(b"\x02\x00"))
    no("resources-asn.range-max.as", asn(seq(integer(1), integer(2 ** 32))))
    no("resources-asn.16-octets.as", asn(integer(2 ** 120)))


# --- CRLs


def crls():
    def ok(case, data):
        write("crl/good", case + ".crl", data)

    def no(case, data):
        write("crl/bad", case + ".crl", data)

    aki = ext(CE + "35", seq(tlv(0x80, keyid(CA_KEY))))
    number = ext(CE + "20", integer(5))
    when = time("250101000000Z")

    def entry(*parts):
        return seq(seq(*parts))

    def plus(which, value, critical=False):
        return crl(exts=lambda e: e + [ext(which, value, critical)])

    def with_number(value):
        return crl(exts=lambda e: [aki, ext(CE + "20", value)])

    def with_aki(value):
        return crl(exts=lambda e: [ext(CE + "35", value), number])

    ok("serial-largest", crl(entries=entry(integer(2 ** 159 - 1), when)))
    ok("revoked-in-2050", crl(entries=entry(
        integer(1), time("20500101000000Z"))))
    ok("revoked-later-than-issued", crl(entries=entry(
        integer(1), time("260101000000Z"))))
    ok("issuer-utf8", crl(issuer=name("issuer", 0x0c)))
    ok("issuer-and-serial", crl(issuer=seq(
        tlv(0x31, attribute(b"issuer")), tlv(0x31, serial()))))
    no("crl-number.20-octets-and-sign", with_number(integer(2 ** 160 - 1)))
    no("der-integer.number-padded", with_number(b"\x02\x02\x00\x05"))
    no("der-integer.number-empty", with_number(b"\x02\x00"))
    no("der-tag.number-octets", with_number(octets(b"\x05")))
    no("cert-aki.with-issuer", with_aki(seq(
        tlv(0x80, keyid(CA_KEY)), tlv(0xa1, tlv(0xa4, name())),
        tlv(0x82, b"\x07"))))
    no("cert-aki.19-octets", with_aki(seq(tlv(0x80, keyid(CA_KEY)[:19]))))
    no("der-trailing.in-aki", with_aki(seq(tlv(0x80, keyid(CA_KEY))) + NULL))
    idp = seq(tlv(0xa0, tlv(0xa0, uri("rsync://r.example/m/a.crl"))))
    no("crl-extension.distribution-point", plus(CE + "28", idp, True))
    no("crl-extension.indirect", plus(CE + "28", seq(tlv(0x84, b"\xff"))))
    no("crl-extension.only-ca", plus(CE + "28", seq(tlv(0x82, b"\xff")), True))
    no("crl-extension.issuer-alt-name", plus(CE + "18", seq(
        tlv(0x82, b"r.example"))))
    no("crl-extension.freshest", plus(CE + "46", idp))
    no("crl-extension.authority-access", plus(PE + "1", access(
        ("2", "rsync://r.example/m/up.cer"))))
    no("crl-extension.unknown", plus("1.2.3.4", NULL))
    no("crl-extension.unknown-critical", plus("1.2.3.4", NULL, True))
    no("crl-extension-missing.empty-list", crl(exts=lambda e: []))
    no("der-default.flag-false", crl(exts=lambda e: [aki, ext(
        CE + "20", integer(5), flag=b"\x01\x01\x00")]))
    no("der-trailing.revoked-set", crl(entries=tlv(0x31, seq(integer(3), when))))
    no("der-tag.entry-set", crl(entries=seq(tlv(0x31, integer(3), when))))
    no("crl-entry.certificate-issuer", crl(entries=entry(
        integer(3), when, seq(ext(CE + "29", seq(tlv(0xa4, name())), True)))))
    no("crl-entry.invalidity-date", crl(entries=entry(integer(3), when, seq(
        ext(CE + "24", tlv(0x18, b"20250101000000Z"))))))
    no("crl-entry.empty-list", crl(entries=entry(integer(3), when, seq())))
    no("crl-entry.second", crl(entries=seq(
        seq(integer(3), when), seq(integer(4), when, NULL))))
    no("time-choice.revoked", crl(entries=entry(
        integer(3), time("20250101000000Z"))))
    no("time-form.revoked", crl(entries=entry(
        integer(3), tlv(0x17, b"250230000000Z"))))
    no("der-integer.serial-padded", crl(entries=entry(
        b"\x02\x02\x00\x03", when)))
    no("crl-version.negative", crl(version=integer(-1)))
    no("crl-next-update.null", crl(upto=NULL))
    no("crl-next-update.one-second", crl(
        this=time("250102000001Z"), upto=time("250102000000Z")))
    no("time-choice.this-update", crl(this=time("20250101000000Z")))
    no("name-string.t61", crl(issuer=name("issuer", 0x14)))
    no("name-form.two-names", crl(issuer=seq(
        tlv(0x31, attribute(b"a")), tlv(0x31, attribute(b"b")))))
    no("name-form.two-serials", crl(issuer=seq(
        tlv(0x31, attribute(b"a")), tlv(0x31, serial()),
        tlv(0x31, serial(b"8")))))
    no("name-form.organization", crl(issuer=seq(
        tlv(0x31, attribute(b"a", "2.5.4.10")))))
    no("name-form.only-serial", crl(issuer=seq(tlv(0x31, serial()))))
    no("name-length.issuer", crl(issuer=name("x" * 65)))
    no("signature-algorithm.sha512", crl(inner=alg(
        which=RSA_SHA256[:-2] + "13")))
    no("signature-algorithm.parameters", crl(inner=alg(integer(1))))
    no("signature-algorithm.by-ecdsa", crl(
        inner=alg(b"", ECDSA), sig=bits(filler(b"s", 71))))
    no("signature-algorithm-differs.inner", crl(
        inner=alg(which="1.2.840.113549.1.1.5"), outer=alg()))
    no("signature-size.long", crl(sig=bits(filler(b"s", 257))))
    no("signature-size.empty", crl(sig=bits(b"")))
    no("der-length.indefinite", b"\x30\x80" + crl()[4:] + b"\x00\x00")
    no("der-truncated.half", crl()[:200])
    no("crl-version.certificate", cert())


def main():
    for write_some in (names, fields, keys, extension_sets, values, uris,
                       places, holdings, resources, crls):
        write_some()


if __name__ == "__main__":
    main()
