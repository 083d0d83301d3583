#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Write into fixtures/{cert,crl,resources}, beside what cert_cases.py and
border_cases.py write, what a single check of a decoder sees: with any one of
them taken out, one of these would pass, or a good one would not.

usage: lone_cases.py FIXTURES
"""
from border_cases import attribute, serial
from cert_cases import (
    CA_KEY, CE, KEY, NULL, PE, V4, V6, access, bad, cert, cps, crl, ext,
    extensions, family, good, integer, ip, keyid, oid, policy, prefix, seq,
    tlv, write)


def octets_left_over():
    qualifier = seq(seq(oid("1.3.6.1.5.5.7.2.1"),
                        tlv(0x16, b"https://r.example/cps"), NULL))
    for case, value in (("qualifier", policy(qualifier=qualifier)),
                        ("policy", policy(qualifier=cps() + NULL))):
        bad("der-trailing.in-%s.ca.cer" % case, cert(
            cp=ext(CE + "32", value, True)))
    location = tlv(0x86, b"rsync://r.example/m/up.cer")
    bad("der-trailing.in-access.ca.cer", cert(
        aia=ext(PE + "1", access(("2", location + NULL)))))
    bad("der-trailing.behind-extensions.ca.cer", cert(
        no_extensions=True,
        after=tlv(0xa3, seq(*extensions("ca", KEY).values()), NULL)))
    aki = ext(CE + "35", seq(tlv(0x80, keyid(CA_KEY))))
    number = ext(CE + "20", integer(5))
    write("crl/bad", "der-trailing.in-extension.crl", crl(
        exts=lambda e: [aki, seq(oid(CE + "20"), tlv(4, integer(5)), NULL)]))
    write("crl/bad", "der-trailing.behind-extensions.crl", crl(
        raw=tlv(0xa0, seq(aki, number), NULL)))
    for case, choice in (("inherit", NULL), ("list", seq(integer(1)))):
        write("resources/as/bad", "der-trailing.behind-%s" % case, seq(
            tlv(0xa0, choice, NULL)))


def names():
    bad("name-form.empty-set-behind.ca.cer", cert(subject=seq(
        tlv(0x31, attribute(b"a")), tlv(0x31))))
    bad("name-form.empty-set-first.ca.cer", cert(subject=seq(
        tlv(0x31), tlv(0x31, attribute(b"a")), tlv(0x31, serial()))))


def values():
    router = oid("1.3.6.1.5.5.7.3.30")
    good("purposes-behind.router.cer", cert("router", eku=ext(
        CE + "37", seq(router, oid("1.3.6.1.5.5.7.3.1")))))


def ranges():
    """Ends differ in the low bits only, and yet it is no prefix."""
    def one_to_two(stem):
        return seq(prefix(stem + b"\x01"), prefix(stem + b"\x02"))

    write("resources/ip/good", "middle-of-a-prefix", ip(
        family(V4, one_to_two(b"\x0a\x00\x00")),
        family(V6, one_to_two(b"\x20\x01" + b"\x00" * 13),
               one_to_two(b"\x20\x01\x00"))))


def main():
    for write_some in (octets_left_over, names, values, ranges):
        write_some()


if __name__ == "__main__":
    main()
