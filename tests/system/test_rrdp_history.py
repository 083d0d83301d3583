# SPDX-License-Identifier: BSD-2-Clause
"""An RRDP server with a past, made up at random and told again from its seed:
it publishes, withdraws, begins sessions, goes back, lags, breaks, is away.

Whatever it does, what kedge holds of its CA is what the CA said at some time
and never older than what was believed before; and after an honest answer it is
what the CA says now.
"""
import os
import random

import pytest

from hostile_https import answer
from town import Hostile, sha

SEEDS = range(60 if os.environ.get("KEDGE_LONG") is not None else 2)
TURNS = 9
AWAY = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"


class Server(Hostile):
    """What it publishes, as deltas too; `spoil` is what goes wrong this time."""

    def __init__(self, town, rng):
        super().__init__(town)
        self.rng, self.step = rng, 0
        self.objects, self.deltas, self.told = self._tree(0), {}, []

    def turn_to(self, objects):
        self.old, self.objects = self.objects, objects
        if self.old != objects:
            self.serial += 1
            self.deltas[self.serial] = self.delta()

    def honest(self):
        return self._tree(self.step).items() <= self.objects.items()

    def go_on(self):
        what = self.rng.choice(["rest", "step", "more", "less", "session", "back"])
        if what == "step" and self.step < 2:
            self.step += 1
            self.turn_to(self._tree(self.step))
        elif what == "more":
            name = f"{self.town.rsync}bad/x{self.rng.randrange(3)}.roa"
            self.turn_to(self.objects | {name: self.rng.randbytes(50)})
        elif what == "less" and self.honest():
            gone = self.rng.choice(sorted(self.objects))
            self.turn_to({u: o for u, o in self.objects.items() if u != gone})
        elif what == "less":
            self.turn_to(self._tree(self.step))
        elif what == "session":
            self.session = f"{self.rng.randrange(1 << 32):08x}-0000-4000-8000-000000000000"
            self.serial, self.deltas = self.rng.randrange(1, 9), {}
        elif what == "back" and self.serial > 1:
            self.serial, self.deltas = self.serial - 1, {}
        return what

    def files(self):
        files = {"s.xml": self.snapshot()}
        files |= {f"d{n}.xml": text for n, text in self.deltas.items()
                  if self.serial - 4 < n <= self.serial}
        listed = [(int(name[1:-4]), self.town.uri(name), sha(text.encode()))
                  for name, text in files.items() if name[0] == "d"]
        files["notification.xml"] = self.notice(
            (self.town.uri("s.xml"), sha(files["s.xml"].encode())), listed)
        return files

    def offer_spoilt(self, spoil):
        self.town.show(self.step)
        files = self.files()
        if spoil == "lag" and self.told:
            files = dict(self.rng.choice(self.told))
        else:
            self.told.append(dict(files))
        for name in files:
            if name[0] in {"deltas": "d", "snapshot": "s", "both": "ds",
                           "notification": "n"}.get(spoil, ""):
                files[name] = self.rng.choice([files[name][:-5], "", "<" + files[name]])
        for name, text in files.items():
            self.put(name, AWAY if spoil == "away" else text)
        if spoil is None and self.rng.random() < 0.5:
            self.put("notification.xml", conditional(files["notification.xml"].encode()))


def conditional(text):
    """304 for those who have it."""
    tag = f'"{sha(text)[:9]}"'

    def script(_, request):
        if request.headers.get("if-none-match") == tag:
            return b"HTTP/1.1 304 Not Modified\r\n\r\n"
        return answer(text, headers=["ETag: " + tag])
    return script


@pytest.mark.parametrize("seed", SEEDS)
def test_history(town, tmp_path, seed):
    rng = random.Random(seed)
    server = Server(town, rng)
    truths = [set()] + [{v for v in step.vrps() if v[1].startswith("10.1.")}
                        for step in town.steps]
    believed, story = 0, []
    for _ in range(TURNS):
        spoil = rng.choice([None, None, None, "lag", "deltas", "snapshot", "both",
                            "notification", "away"])
        story.append((server.go_on(), spoil, server.serial, server.step))
        server.offer_spoilt(spoil)
        run = town.run(tmp_path / "cache", server.step, show=False)
        found = truths.index(run.of("10.1."))
        assert found >= believed, (story, run.stderr)
        if spoil is None and server.honest() and \
                "rrdp-serial-back" not in run.labels():
            assert found == server.step + 1, (story, run.stderr)
        believed = found
