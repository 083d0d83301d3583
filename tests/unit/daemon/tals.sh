#!/bin/sh
# Each TAL names the SHA-256 of its key in its first line; it must be true.
cd "$KEDGE_SRC" || exit 99
n=0; rc=0
for tal in tals/*.tal; do
	n=$((n + 1))
	said=$(sed -n '1s/^# SHA-256 of the key: //p' "$tal")
	is=$(sed '1,/^$/d' "$tal" | base64 -d | sha256sum | cut -d' ' -f1)
	if [ ${#said} = 64 ] && [ "$said" = "$is" ]; then
		echo "ok $n - $tal"
	else
		echo "not ok $n - $tal"; rc=1
	fi
done
echo "1..$n"
exit $rc
