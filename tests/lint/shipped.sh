#!/bin/sh
# What make does not compile it does not miss either: each script and header of
# the tests, each page and script of the project is named where the archive is
# made, in its folder's subdir.am or one above.
cd "$KEDGE_SRC" || exit 99
echo 1..1
what='the archive has every test, script and page'
bad=$(find tests scripts doc systemd tals -name '*.py' -o -name '*.sh' -o \
	-name '*.h' -o -name '*.md' | grep -v '/__pycache__/' |
	while read -r file; do
		name=${file##*/}
		folder=${file%/*}
		while :; do
			case $folder in
			*/*) list=$folder/subdir.am above=${folder%/*} ;;
			.) list=Makefile.am above= ;;
			*) list=$folder/subdir.am above=. ;;
			esac
			grep -qsF "/$name" "$list" && break
			[ -n "$above" ] || { echo "# not shipped: $file"; break; }
			folder=$above
		done
	done)
[ -z "$bad" ] && echo "ok 1 - $what" && exit 0
echo "$bad"
echo "not ok 1 - $what"
exit 1
