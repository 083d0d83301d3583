# SPDX-License-Identifier: BSD-2-Clause
"""The state of a server (daemon/kept.h) as it would be after four thousand million
serials: the number is put in, and the checksum that belongs to it.
"""
import struct

SEED = 0x6b65646765737474
MASK = 2 ** 64 - 1
SERIAL = 12 + 5 + 3 * 2 + 8  # behind the names, in the first frame
LAST = 5 + 16  # the frame at the end: how long, and the checksum


def rotate(x, by):
    return (x << by | x >> (64 - by)) & MASK


def sip_round(v0, v1, v2, v3):
    v0 = (v0 + v1) & MASK
    v1 = rotate(v1, 13) ^ v0
    v0 = rotate(v0, 32)
    v2 = (v2 + v3) & MASK
    v3 = rotate(v3, 16) ^ v2
    v0 = (v0 + v3) & MASK
    v3 = rotate(v3, 21) ^ v0
    v2 = (v2 + v1) & MASK
    v1 = rotate(v1, 17) ^ v2
    return v0, v1, rotate(v2, 32), v3


def checksum(octets):
    """SipHash-1-3 under the key of base/checksum."""
    low, high = struct.unpack("<QQ", bytes(range(16)))
    v = (low ^ 0x736f6d6570736575, high ^ 0x646f72616e646f6d,
         low ^ 0x6c7967656e657261, high ^ 0x7465646279746573)
    end = len(octets) // 8 * 8
    last = int.from_bytes(octets[end:], "little") | (len(octets) & 255) << 56
    for word in (SEED, *struct.unpack(f"<{end // 8}Q", octets[:end]), last):
        v0, v1, v2, v3 = sip_round(*v[:3], v[3] ^ word)
        v = v0 ^ word, v1, v2, v3
    v = v[0], v[1], v[2] ^ 255, v[3]
    for _ in range(3):
        v = sip_round(*v)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def set_serial(path, serial):
    octets = bytearray(path.read_bytes())
    what = octets[:-LAST]
    assert octets[-16:] == struct.pack(">QQ", len(what), checksum(what)), "no such state"
    what[SERIAL:SERIAL + 4] = struct.pack(">I", serial)
    path.write_bytes(what + octets[-LAST:-8] + struct.pack(">Q", checksum(what)))
