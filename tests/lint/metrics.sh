#!/bin/sh
# The table of metrics is the one there is: each row of metrics.def is written
# by some code, and doc/metrics.md tells of it.
cd "$KEDGE_SRC" || exit 99
echo 1..2
failed=0
unused=$(sed -nE 's/^METRIC\((\w+),.*/\1/p' output/metrics.def |
	while read -r id; do
		grep -qE "\bMETRIC_$id\b" output/*.c || echo "# METRIC_$id"
	done)
if [ -z "$unused" ]; then
	echo 'ok 1 - every metric is written'
else
	echo "$unused"
	echo 'not ok 1 - every metric is written'
	failed=1
fi
if scripts/metrics | cmp -s - doc/metrics.md; then
	echo 'ok 2 - doc/metrics.md is up to date'
else
	scripts/metrics | diff - doc/metrics.md | sed -n 's/^[<>]/# &/p' | head
	echo 'not ok 2 - doc/metrics.md is up to date (scripts/metrics >doc/metrics.md)'
	failed=1
fi
exit $failed
