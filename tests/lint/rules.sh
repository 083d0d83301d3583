#!/bin/sh
# doc/rfc-certificates.md tells the truth: its faults are in the table, what is
# said to provoke them is there, and fixtures and breaks provoke just them.
cd "$KEDGE_SRC" || exit 99
echo 1..1
what='doc/rfc-certificates.md names what is there'

# The rows of breaks.txt with what belongs to them in one line each.
breaks=$(awk '/^#/ || !NF { next }
	/^ / { printf "%s", $0; next }
	{ printf "\n%s", $0 } END { print "" }' tests/system/breaks.txt)

check() { # labels proof
	case $2 in
	fixtures/*/bad/*)
		ls $2 >/dev/null 2>&1 || return 1
		label=${2##*/}
		echo " $1 " | grep -q " ${label%%.*} "
		;;
	fixtures/*) ls $2 >/dev/null 2>&1 ;;
	"break "*)
		row=$(echo "$breaks" | grep -E "^${2#break } ") || return 1
		for label in $1; do
			echo "$row" | grep -qE "[ ~]$label( |;|\$)" && return 0
		done
		return 1
		;;
	*:*) grep -qF -e "${2#*:}" "${2%%:*}" ;;
	*) return 1 ;;
	esac
}

wrong=$(grep -E '^\| .* \| .* \| .*`.* \|$' doc/rfc-certificates.md |
	while IFS='|' read -r _ _ faults proofs; do
		labels=$(echo "$faults" | tr -d '~' | tr ',' ' ' |
			sed 's/ - / /; s/(.*)//')
		for label in $labels; do
			grep -qE "^(FAULT|ODDITY)\(\w+, *\"$label\"" base/fault.def ||
				echo "# no fault $label"
		done
		echo "$proofs" | grep -oE '`[^`]+`' | tr -d '`' |
			while read -r proof; do
				check "$(echo $labels)" "$proof" ||
					echo "# $proof is not there, or not $labels"
			done
	done)
[ -z "$wrong" ] && echo "ok 1 - $what" && exit 0
echo "$wrong"
echo "not ok 1 - $what"
exit 1
