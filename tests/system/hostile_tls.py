# SPDX-License-Identifier: BSD-2-Clause
"""hostile_tls - handshake messages that TLS itself would never send.

Python's ssl opens a connection and tells its secrets; from then on records are
sealed here, so that any message can be sent, in any number, and go on when
nothing honest would.
"""
import hashlib
import hmac
import itertools
import ssl
import struct

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HANDSHAKE, APPLICATION = 22, 23
MOST = 16384  # octets in a record
CIPHER_12 = "ECDHE-ECDSA-AES128-GCM-SHA256"

HELLO_REQUEST = bytes(4)
KEY_UPDATE = b"\x18\0\0\1\0"
CLIENT_HELLO = b"\1\0\0\x2b\3\3" + bytes(33) + b"\0\2\xc0\x2b\1\0\0\0"
# Good for a second, of one octet.
TICKET = b"\4\0\0\x0e" + struct.pack(">II", 1, 0) + b"\0" + b"\0\1t" + b"\0\0"


def full(message):
    return message * (MOST // len(message))


def record(kind, octets):
    return struct.pack(">BHH", kind, 0x303, len(octets)) + octets


def expand_label(secret, label, length):
    """HKDF-Expand-Label without a context, in one block (RFC 8446 7.1)."""
    info = struct.pack(">HB", length, 6 + len(label)) + b"tls13 " + label
    return hmac.digest(secret, info + b"\0\1", hashlib.sha384)[:length]


def prf(secret, label, seed, length):
    """RFC 5246 5."""
    at = seed = label + seed
    out = b""
    while len(out) < length:
        at = hmac.digest(secret, at, hashlib.sha256)
        out += hmac.digest(secret, at + seed, hashlib.sha256)
    return out[:length]


class Sealer13:
    """What is sent after the handshake, TLS_AES_256_GCM_SHA384."""

    def __init__(self, secret):
        self.secret = secret
        self._keys()

    def _keys(self):
        self.cipher = AESGCM(expand_label(self.secret, b"key", 32))
        self.iv = int.from_bytes(expand_label(self.secret, b"iv", 12), "big")
        self.count = itertools.count()

    def seal(self, kind, octets):
        head = struct.pack(">BHH", APPLICATION, 0x303, len(octets) + 17)
        nonce = (self.iv ^ next(self.count)).to_bytes(12, "big")
        return head + self.cipher.encrypt(nonce, octets + bytes([kind]), head)

    def update(self):
        """The keys are others from now on."""
        self.secret = expand_label(self.secret, b"traffic upd", 48)
        self._keys()


class Sealer12:
    """The same with CIPHER_12; a record, the Finished, has gone before."""

    def __init__(self, master, client, server, serves):
        block = prf(master, b"key expansion", server + client, 40)
        own = 1 if serves else 0
        self.cipher = AESGCM(block[16 * own:][:16])
        self.salt = block[32 + 4 * own:][:4]
        self.count = itertools.count(1)

    def seal(self, kind, octets):
        count = struct.pack(">Q", next(self.count))
        head = struct.pack(">BHH", kind, 0x303, len(octets))
        sealed = self.cipher.encrypt(self.salt + count, octets, count + head)
        return struct.pack(">BHH", kind, 0x303, len(sealed) + 8) + count + sealed


class Connection:
    """An honest handshake on `raw`, and the means to be otherwise after it."""

    def __init__(self, raw, context, folder, serves=True):
        keys = folder / f"keys-{id(self)}"
        context.keylog_filename = str(keys)
        if serves:
            context.num_tickets = 0
        self.raw = raw
        self.come, self.go = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.come, self.go, server_side=serves)
        sent, heard = self._turn(self.tls.do_handshake)
        said = [line.split() for line in keys.read_text().splitlines()]
        secrets = {words[0]: words[1:] for words in said if words[0][0] != "#"}
        if self.tls.version() == "TLSv1.3":
            self.sealer = Sealer13(bytes.fromhex(
                secrets["%s_TRAFFIC_SECRET_0" % ("SERVER" if serves else
                                                 "CLIENT")][1]))
        else:
            client, master = map(bytes.fromhex, secrets["CLIENT_RANDOM"])
            hello = sent if serves else heard
            self.sealer = Sealer12(master, client, hello[11:43], serves)

    def _turn(self, step):
        """Until the step is done; what was sent before its end, and came."""
        sent = heard = b""
        while True:
            try:
                step()
                done = True
            except ssl.SSLWantReadError:
                done = False
            out = self.go.read()
            self.raw.sendall(out)
            sent += out
            if done:
                return sent, heard
            octets = self.raw.recv(65536)
            if not octets:
                raise OSError("hung up")
            heard += octets
            self.come.write(octets)

    def request(self):
        self._turn(lambda: self.tls.read(65536))

    def send(self, kind, octets):
        self.raw.sendall(self.sealer.seal(kind, octets))

    def update(self):
        self.send(HANDSHAKE, KEY_UPDATE)
        self.sealer.update()
