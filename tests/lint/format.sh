#!/bin/sh
# The layout is what clang-format makes of it. Releases differ, so only the one
# that .clang-format was written for is asked.
cd "$KEDGE_SRC" || exit 99
echo 1..1
version=$(clang-format --version 2>/dev/null | sed -n 's/.*version \([0-9]*\).*/\1/p')
if [ "$version" != 14 ]; then
	echo "ok 1 # SKIP needs clang-format 14, found ${version:-none}"
	exit 0
fi
bad=$(find base crypto object store fetch rrdp payload validator rtr output \
	daemon tests -name '*.[ch]' 2>/dev/null | sort |
	xargs clang-format --dry-run -Werror 2>&1 |
	sed -n 's/^\([^ :]*:[0-9]*\):.*error:.*/# \1/p')
[ -z "$bad" ] && echo 'ok 1 - layout' && exit 0
echo "$bad"
echo 'not ok 1 - layout (run clang-format -i)'
exit 1
