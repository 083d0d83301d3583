# SPDX-License-Identifier: BSD-2-Clause
"""ASPAs and prefix lists as their profiles have them, read a second time.

No other validator at hand knows these forms; what is here shares nothing with
kedge. ValueError is all that it says of what is not right.
"""


class Der:
    """Elements one after the other, each in its one encoding."""

    def __init__(self, octets):
        self.octets = octets

    def next(self, tag):
        if len(self.octets) < 2 or self.octets[0] != tag:
            raise ValueError("another tag")
        length, head = self.octets[1], 2
        if length >= 0x80:
            head += length & 0x7F
            length = int.from_bytes(self.octets[2:head], "big")
            if head == 2 or length < 0x80 or self.octets[2] == 0:
                raise ValueError("not the shortest length")
        if len(self.octets) < head + length:
            raise ValueError("cut off")
        content = self.octets[head:head + length]
        self.octets = self.octets[head + length:]
        return content

    def enter(self, tag):
        return Der(self.next(tag))

    def integer(self, lowest, highest):
        content = self.next(2)
        if not content or (len(content) > 1 and content[0] == 0 and content[1] < 0x80):
            raise ValueError("not the shortest integer")
        number = int.from_bytes(content, "big", signed=True)
        if not lowest <= number <= highest:
            raise ValueError("out of range")
        return number

    def bits(self, longest):
        content = self.next(3)
        if not content or content[0] > 7 or (len(content) == 1 and content[0]):
            raise ValueError("no bit string")
        unused, octets = content[0], content[1:]
        if octets and octets[-1] & ((1 << unused) - 1):
            raise ValueError("unused bits that are not zero")
        if len(octets) * 8 - unused > longest:
            raise ValueError("too long")
        return octets.ljust(16, b"\0"), len(octets) * 8 - unused

    def more(self):
        return bool(self.octets)

    def end(self):
        if self.octets:
            raise ValueError("something left over")


def content(octets):
    """The eContent of a signed object whose frame is in order."""
    signed = Der(octets).enter(0x30)
    signed.next(6)
    data = signed.enter(0xA0).enter(0x30)
    data.next(2)
    data.next(0x31)
    encapsulated = data.enter(0x30)
    encapsulated.next(6)
    return encapsulated.enter(0xA0).next(4)


def aspa(octets, customer):
    """draft-ietf-sidrops-aspa-profile 3, and its EE certificate's AS number."""
    top = Der(octets)
    whole = top.enter(0x30)
    top.end()
    version = whole.enter(0xA0)
    version.integer(1, 1)
    version.end()
    if whole.integer(1, 2 ** 32 - 1) != customer:
        raise ValueError("not the certificate's")
    providers, found = whole.enter(0x30), []
    whole.end()
    while providers.more():
        found.append(providers.integer(0, 2 ** 32 - 1))
    if not found or found != sorted(set(found)) or customer in found:
        raise ValueError("providers")
    if found[0] == 0 and len(found) > 1:
        raise ValueError("AS0 and others")
    return found


def prefixes(octets, asn):
    """draft-ietf-sidrops-rpki-prefixlist 3."""
    top = Der(octets)
    whole = top.enter(0x30)
    top.end()
    if whole.integer(1, 2 ** 32 - 1) != asn:
        raise ValueError("not the certificate's")
    families, last = whole.enter(0x30), 0
    whole.end()
    while families.more():
        family = families.enter(0x30)
        octets = family.next(4)
        afi = int.from_bytes(octets, "big")
        if len(octets) != 2 or not last < afi <= 2:
            raise ValueError("family")
        last, found = afi, []
        listed = family.enter(0x30)
        family.end()
        while listed.more():
            found.append(listed.bits({1: 32, 2: 128}[afi]))
        if not found or found != sorted(set(found)):
            raise ValueError("prefixes")
