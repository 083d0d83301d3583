#!/bin/sh
# Every complaint kedge can make has been provoked: each label of fault.def has
# a fixture, a story or a test that names it. doc/rfc.md tells which.
cd "$KEDGE_SRC" || exit 99
echo 1..2
missing=$(scripts/rfc --missing | sed 's/^/# /')
failed=0
if [ -z "$missing" ]; then
	echo 'ok 1 - every fault is provoked'
else
	echo "$missing"
	echo 'not ok 1 - every fault is provoked'
	failed=1
fi
if scripts/rfc | cmp -s - doc/rfc.md; then
	echo 'ok 2 - doc/rfc.md is up to date'
else
	scripts/rfc | diff - doc/rfc.md | sed -n 's/^[<>]/# &/p' | head
	echo 'not ok 2 - doc/rfc.md is up to date (scripts/rfc >doc/rfc.md)'
	failed=1
fi
exit $failed
