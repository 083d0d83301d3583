#!/bin/sh
# Each header stands alone: it compiles as the only line of a file.
cd "$KEDGE_SRC" || exit 99
n=0; rc=0
for h in base/*.h crypto/*.h payload/*.h object/*.h store/*.h fetch/*.h rrdp/*.h validator/*.h rtr/*.h output/*.h daemon/*.h; do
	[ -f "$h" ] || continue
	n=$((n + 1))
	if echo "#include \"$h\"" | $KEDGE_CC -include "$KEDGE_BUILD/config.h" -I. -fsyntax-only -x c - ; then
		echo "ok $n - $h"
	else
		echo "not ok $n - $h"; rc=1
	fi
done
echo "1..$n"
exit $rc
