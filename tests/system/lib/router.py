# SPDX-License-Identifier: BSD-2-Clause
"""A scripted RPKI-to-Router client, octet by octet."""
import ipaddress
import socket
import struct

NOTIFY, SERIAL_QUERY, RESET_QUERY, RESPONSE, IPV4 = 0, 1, 2, 3, 4
IPV6, END, CACHE_RESET, ROUTER_KEY, ERROR, ASPA = 6, 7, 8, 9, 10, 11


class Pdu:
    def __init__(self, octets):
        self.octets = octets
        self.version, self.type, self.field, self.length = struct.unpack(
            ">BBHI", octets[:8])
        self.body = octets[8:]

    @property
    def serial(self):
        return struct.unpack(">I", self.body[:4])[0]

    def vrp(self):
        """(ASN, prefix, maxlen) of a prefix PDU."""
        length, most = self.body[1], self.body[2]
        size = 4 if self.type == IPV4 else 16
        address = ipaddress.ip_address(self.body[4:4 + size])
        asn, = struct.unpack(">I", self.body[4 + size:8 + size])
        return (f"AS{asn}", f"{address}/{length}", str(most))

    def __repr__(self):
        return f"<v{self.version} type {self.type} {self.octets.hex()}>"


class Router:
    def __init__(self, port, version=1, host="127.0.0.1", timeout=30):
        self.version = version
        self.socket = socket.create_connection((host, port), timeout=timeout)
        self.session = None
        self.serial = None
        self.vrps = set()

    def close(self):
        self.socket.close()

    def send(self, octets):
        self.socket.sendall(octets)

    def _exactly(self, n):
        got = b""
        while len(got) < n:
            part = self.socket.recv(n - len(got))
            if not part:
                return None
            got += part
        return got

    def read(self):
        """The next PDU, or None when the cache has closed."""
        head = self._exactly(8)
        if head is None:
            return None
        length, = struct.unpack(">I", head[4:8])
        rest = self._exactly(length - 8)
        return None if rest is None else Pdu(head + rest)

    def read_but_notify(self):
        while True:
            pdu = self.read()
            if pdu is None or pdu.type != NOTIFY:
                return pdu

    def ask_reset(self):
        self.send(struct.pack(">BBHI", self.version, RESET_QUERY, 0, 8))

    def ask_serial(self, session=None, serial=None):
        self.send(struct.pack(
            ">BBHII", self.version, SERIAL_QUERY,
            self.session if session is None else session, 12,
            self.serial if serial is None else serial))

    def answer(self):
        """All PDUs of an answer, to End of Data or what stands instead of it."""
        pdus = []
        while True:
            pdu = self.read_but_notify()
            assert pdu is not None, f"the cache closed after {pdus}"
            pdus.append(pdu)
            if pdu.type in (END, CACHE_RESET, ERROR):
                return pdus

    def _apply(self, pdus):
        for pdu in pdus:
            if pdu.type in (IPV4, IPV6):
                if pdu.body[0] & 1:
                    assert pdu.vrp() not in self.vrps, "announced twice"
                    self.vrps.add(pdu.vrp())
                else:
                    self.vrps.remove(pdu.vrp())
        self.session = pdus[-1].field
        self.serial = pdus[-1].serial
        return pdus

    def reset(self):
        """Take the whole set."""
        self.vrps = set()
        self.ask_reset()
        pdus = self.answer()
        assert pdus[0].type == RESPONSE and pdus[-1].type == END, pdus
        return self._apply(pdus)

    def refresh(self):
        """Take what changed; the PDUs."""
        self.ask_serial()
        pdus = self.answer()
        assert pdus[0].type == RESPONSE and pdus[-1].type == END, pdus
        return self._apply(pdus)


class Local(Router):
    """Over a socket in the file system: it reaches into a realm."""

    def __init__(self, path, version):
        self.version = version
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(str(path))
