#!/bin/sh
# What doc/rfc-routers.md names is there: in each row files, and in each of them
# tests, cases of tests, or words.
cd "$KEDGE_SRC" || exit 99
echo 1..1
what='every row of the rules of routers names what is there'

path() { # a name of the page
	case $1 in
	unit*)
		set -- ${1#unit } # folder/module
		echo "tests/unit/${1%/*}/test_${1#*/}.c"
		;;
	strict_router) echo tests/system/lib/strict_router.py ;;
	*)
		[ -f "tests/system/test_rtr_$1.py" ] &&
			echo "tests/system/test_rtr_$1.py" ||
			echo "tests/system/test_$1.py"
		;;
	esac
}

wrong=$(grep '^| ' doc/rfc-routers.md | grep -v '^| rule ' |
	sed 's/.* | //; s/ |$//; s/; /\n/g' |
	while IFS='`' read -r name rest; do
		file=$(path "$(echo $name)")
		echo "$rest" | tr '`' '\n' | grep -v '^ *$' | while read -r word; do
			grep -qF -e "$word" "$file" || echo "# $file: no $word"
		done
	done)
[ -z "$wrong" ] && echo "ok 1 - $what" && exit 0
echo "$wrong"
echo "not ok 1 - $what"
exit 1
