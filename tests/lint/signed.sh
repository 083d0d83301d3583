#!/bin/sh
# What doc/rfc-signed-objects.md names is there: faults, fixtures, stories,
# tests, cases of test_points.py, and breaks that are the fault of their row.
cd "$KEDGE_SRC" || exit 99
echo 1..1
page=doc/rfc-signed-objects.md
what='every row of the rules of signed objects is true'
wrong=$(grep '^| ' "$page" | grep -v '^| rule ' | awk -F' [|] ' '
	{
		fault = $3
		text = $4
		gsub(/[`,|]/, " ", fault)
		gsub(/[,|]/, " ", text)
		count = split(text, words, " ")
		mode = "test"
		for (i = 1; i <= count; i++) {
			if (words[i] !~ /^`/) {
				sub(/s$/, "", words[i])
				mode = words[i] == "storie" ? "story" : words[i]
				continue
			}
			gsub(/`/, "", words[i])
			print mode, words[i], fault
		}
		if (fault !~ /none|its own|as above/) {
			count = split(fault, labels, " ")
			for (i = 1; i <= count; i++) {
				print "fault", labels[i], ""
			}
		}
	}' | while read -r mode name faults; do
	case $mode in
	fault) grep -q "\"$name\"" base/fault.def ;;
	fixture)
		set -f
		folder=${name%/*}
		[ -n "$(find "fixtures/$folder" -name "${name##*/}" | head -1)" ]
		;;
	story) [ -f "tests/system/stories/$name" ] ;;
	case) grep -q "^    \"$name\":" tests/system/test_points.py ;;
	break)
		row=$(awk -v name="$name" '/^[^ #]/ { on = $1 == name } on' \
			tests/system/breaks.txt)
		[ -n "$row" ] && case $faults in
		none*) true ;;
		*)
			good=false
			for label in $faults; do
				case " $row " in *" $label "*) good=true ;; esac
			done
			$good
			;;
		esac
		;;
	*) [ -f "tests/system/$name" ] || [ -f "$name" ] ;;
	esac || echo "# $mode $name $faults"
done)
[ -z "$wrong" ] && echo "ok 1 - $what" && exit 0
echo "$wrong"
echo "not ok 1 - $what"
exit 1
