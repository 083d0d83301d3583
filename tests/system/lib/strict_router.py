# SPDX-License-Identifier: BSD-2-Clause
"""A router that holds a cache to every MUST of RFC 6810, RFC 8210 and 8210bis on
what it sends: forms, zeros, flags, order, timers, and that changes fit what is held.
Shares nothing with router.py; Broken is all that it says of what is not right.
"""
import socket
import struct

NOTIFY, RESPONSE, IPV4, IPV6, END, CACHE_RESET, KEY, ERROR, ASPA = 0, 3, 4, 6, 7, 8, 9, 10, 11
LENGTHS = {NOTIFY: 12, RESPONSE: 8, IPV4: 20, IPV6: 32, CACHE_RESET: 8}
HIGHEST_CODE = {0: 7, 1: 8, 2: 13}
SINCE = {KEY: 1, ASPA: 2}


class Broken(Exception):
    pass


def must(held, what, *more):
    if not held:
        raise Broken(what, *more)


class Pdu:
    def __init__(self, octets):
        self.version, self.type, self.field, self.length = struct.unpack(">BBHI", octets[:8])
        self.octets, self.body = octets, octets[8:]
        self.key = self.value = None
        must(self.version >= SINCE.get(self.type, 0), "a type of a later version", self)
        must(self.length == LENGTHS.get(self.type, self.length), "length", self)
        {IPV4: self._prefix, IPV6: self._prefix, KEY: self._key, ASPA: self._aspa,
         END: self._end, ERROR: self._error, NOTIFY: self._serial,
         CACHE_RESET: self._zero, RESPONSE: lambda: None}[self.type]()

    def __repr__(self):
        return self.octets.hex()

    def _zero(self):
        must(self.field == 0, "zero is not zero", self)

    def _serial(self):
        self.serial, = struct.unpack(">I", self.body[:4])

    def _prefix(self):
        self._zero()
        flags, length, most, zero = self.body[:4]
        bits = 32 if self.type == IPV4 else 128
        address = int.from_bytes(self.body[4:-4], "big")
        asn, = struct.unpack(">I", self.body[-4:])
        must(flags in (0, 1) and zero == 0, "flags or zero", self)
        must(length <= most <= bits, "lengths", self)
        must(address & ((1 << (bits - length)) - 1) == 0, "bits beyond the prefix", self)
        self.announces, self.value = flags == 1, True
        self.key = (self.type, address, most, length, asn)
        sign = -1 if self.announces else 1
        self.rank = (self.type, not self.announces, *(sign * n for n in self.key[1:]))

    def _flags(self):
        must(self.field in (0, 0x0100), "flags or zero", self)
        self.announces = self.field == 0x0100

    def _key(self):
        self._flags()
        asn, = struct.unpack(">I", self.body[20:24])
        spki = self.body[24:]
        must(spki[:1] == b"\x30", "no SubjectPublicKeyInfo", self)
        self.key, self.value = (KEY, self.body[:20], len(spki), spki, asn), True
        self.rank = (KEY, not self.announces, *self.key[1:])

    def _aspa(self):
        self._flags()
        must(self.length % 4 == 0, "length", self)
        customer, *providers = struct.unpack(f">{len(self.body) // 4}I", self.body)
        must(self.announces == bool(providers), "providers", self)
        must(providers == sorted(set(providers)), "providers are no rising list", self)
        must(0 not in providers or len(providers) == 1, "AS0 among others", self)
        self.key, self.value = (ASPA, customer), tuple(providers)
        self.rank = (ASPA, not self.announces, customer)

    def _end(self):
        must(self.length == (12 if self.version == 0 else 24), "length", self)
        self._serial()
        if self.version > 0:
            refresh, retry, expire = struct.unpack(">III", self.body[4:])
            must(1 <= refresh <= 86400 and 1 <= retry <= 7200, "timers", self)
            must(600 <= expire <= 172800 and expire > max(refresh, retry), "timers", self)

    def _error(self):
        must(self.field <= HIGHEST_CODE[self.version], "a code of a later version", self)
        inner, = struct.unpack(">I", self.body[:4])
        text, = struct.unpack(">I", self.body[4 + inner:8 + inner])
        must(8 + inner + text == len(self.body), "inner lengths", self)
        self.body[8 + inner:].decode("utf-8")


class StrictRouter:
    def __init__(self, port, version, before=None):
        """One that knows nothing, or what it learnt over a connection before."""
        self.version, self.held, self.session, self.serial = version, {}, None, None
        if before is not None:
            self.held, self.session, self.serial = (dict(before.held), before.session,
                                                    before.serial)
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.rest = b""

    def close(self):
        self.socket.close()

    def _octets(self, count):
        while len(self.rest) < count:
            part = self.socket.recv(1 << 16)
            must(part, "the cache closed")
            self.rest += part
        octets, self.rest = self.rest[:count], self.rest[count:]
        return octets

    def _pdu(self):
        head = self._octets(8)
        length, = struct.unpack(">I", head[4:])
        must(8 <= length <= 65535, "length", head)
        return Pdu(head + self._octets(length - 8))

    def _answer(self, query):
        """All PDUs, to that which ends them."""
        self.socket.sendall(query)
        pdus = []
        while not pdus or pdus[-1].type not in (END, CACHE_RESET, ERROR):
            pdu = self._pdu()
            must(pdu.version == self.version, "version", pdu)
            if pdu.type == NOTIFY:
                must(not pdus, "a notify amid an answer")
            else:
                pdus.append(pdu)
        if len(pdus) > 1:
            must((pdus[0].type, pdus[-1].type) == (RESPONSE, END), "no answer", pdus)
            must(pdus[0].field == pdus[-1].field, "two sessions in an answer", pdus)
            ranks = [pdu.rank for pdu in pdus[1:-1]]
            must(all(a < b for a, b in zip(ranks, ranks[1:])), "order", pdus)
            must(len({pdu.key for pdu in pdus[1:-1]}) == len(ranks), "twice", pdus)
        return pdus

    def _apply(self, pdus):
        for pdu in pdus[1:-1]:
            if not pdu.announces:
                must(pdu.key in self.held, "a withdrawal of nothing", pdu)
                del self.held[pdu.key]
                continue
            must(self.held.get(pdu.key) != pdu.value, "announced already", pdu)
            self.held[pdu.key] = pdu.value
        self.session, self.serial = pdus[0].field, pdus[-1].serial

    def reset(self):
        pdus = self._answer(struct.pack(">BBHI", self.version, 2, 0, 8))
        must(len(pdus) > 1 and all(p.announces for p in pdus[1:-1]), "no whole set", pdus)
        self.held = {}
        self._apply(pdus)

    def refresh(self):
        """Take what changed; False: a Cache Reset came."""
        pdus = self._answer(struct.pack(">BBHII", self.version, 1, self.session, 12,
                                        self.serial))
        if pdus[0].type == CACHE_RESET:
            return False
        must(len(pdus) > 1 and pdus[0].field == self.session, "another session", pdus)
        self._apply(pdus)
        return True

    def of(self, version):
        """What of it a router of this version holds."""
        return {key: value for key, value in self.held.items()
                if SINCE.get(key[0], 0) <= version}
