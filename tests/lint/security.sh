#!/bin/sh
# doc/security.md names tests that are there.
cd "$KEDGE_SRC" || exit 99
echo 1..1
wrong=$(sed -n '/^## Attacks/,/^## Found/p' doc/security.md | grep '^|' |
	grep -oE '`[a-z]+/[^`]+`' | tr -d '`' |
	while IFS=: read -r file name; do
		if [ ! -e "$file" ]; then
			echo "# $file is not there"
		elif [ -n "$name" ] && ! grep -qF -e "$name" "$file"; then
			echo "# $file has no $name"
		fi
	done)
if [ -z "$wrong" ]; then
	echo 'ok 1 - the tests of doc/security.md are there'
	exit 0
fi
echo "$wrong"
echo 'not ok 1 - the tests of doc/security.md are there'
exit 1
