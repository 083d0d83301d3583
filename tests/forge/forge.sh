#!/bin/sh
# The forge makes what a story says, the same truth each time, and every way of
# breaking an object really changes its octets.
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
stories=$KEDGE_SRC/tests/system/stories
n=0
rc=0

forge() {
	"$KEDGE_BUILD/tests/forge/kedge-forge" "$@" \
		--keys "$KEDGE_SRC/fixtures/keys/primes.hex"
}

# ok NAME COMMAND...
ok() {
	n=$((n + 1))
	name=$1
	shift
	if "$@" >"$work/out" 2>&1; then
		echo "ok $n - $name"
	else
		sed 's/^/# /' "$work/out"
		echo "not ok $n - $name"
		rc=1
	fi
}

good() {
	at=2026-03-01T00:00:00Z
	forge play "$stories/good.scn" --out "$work/a" --at $at &&
		forge play "$stories/good.scn" --out "$work/b" --at $at &&
		[ "$(tail -n +2 "$work/a/step-1/truth.csv" | wc -l)" = 11 ] &&
		grep -q '^AS4294967295,2001:db8:1:8000::/49,128,alpha$' \
			"$work/a/step-1/truth.csv" &&
		cmp "$work/a/step-1/truth.csv" "$work/b/step-1/truth.csv" &&
		cmp "$work/a/step-1/rsync/repo/alpha/one/a.roa" \
			"$work/b/step-1/rsync/repo/alpha/one/a.roa"
}

# Does this way of breaking change the octets of one of these?
changes_one_of() {
	kind=$1
	shift
	for t in "$@"; do
		{ cat "$work/base" && echo "break $t $kind"; } |
			forge object "$t" --out "$work/broken" || continue
		cmp -s "$work/whole/$t" "$work/broken" || return 0
	done
	echo "$kind changes nothing"
	return 1
}

every_break() {
	cat >"$work/base" <<-END
	now 2026-03-01T00:00:00Z
	anchor alpha 10.0.0.0/8 2001:db8::/32 AS64496-64511
	ca alpha/child 10.1.0.0/16 AS64500
	roa alpha/gone AS64496 10.9.0.0/16
	roa alpha/o AS64496 10.0.0.0/24 10.0.2.0/24 2001:db8::/48
	aspa alpha/o AS64496 AS64497 AS64498
	routerkey alpha/k AS64499
	gbr alpha/o Somebody
	tak alpha/o
	spl alpha/o AS64496 10.0.0.0/24 10.0.2.0/24
	rsc alpha/o 10.0.0.0/24 AS64496
	revoke alpha/gone.roa
	END
	objects='alpha/o.roa alpha/o.asa alpha/child.cer alpha.crl alpha.mft
		alpha/k.cer alpha/o.gbr alpha/o.tak alpha/o.spl alpha/o.sig'
	for t in $objects; do
		forge object $t --out "$work/whole/$t" <"$work/base" || return 1
	done
	for kind in $(forge breaks --out "$work" | cut -d' ' -f1 | sort -u); do
		changes_one_of "$kind" $objects || return 1
	done
}

# A seed is always the same mutant, another seed another one.
mutants() {
	for d in 1 2 3; do
		{
			cat "$work/base"
			for t in alpha/o.roa alpha/child.cer alpha.crl alpha.mft; do
				echo "mutate $t $(((d + 1) / 2))"
			done
		} | forge play - --out "$work/mutants/$d" || return 1
	done
	for t in o.roa child.cer alpha.crl; do
		for d in 1 2 3; do
			sha256sum <"$work/mutants/$d/step-1/rsync/repo/alpha/$t"
		done | uniq -c | tr -s ' \n' ' ' | grep -q '^ 2 .* 1 ' || return 1
	done
	[ "$(wc -l <"$work/mutants/3/step-1/mutants")" = 4 ] &&
		cmp "$work/mutants/1/step-1/mutants" "$work/mutants/2/step-1/mutants"
}

complains() {
	echo 'roa nowhere/x AS1 10.0.0.0/8' |
		forge play - --out "$work/c" 2>"$work/said" && return 1
	grep -q 'no such CA' "$work/said"
}

ok 'a good story, the same twice' good
ok 'every way of breaking changes octets' every_break
ok 'a seed is a mutant' mutants
ok 'nonsense is complained of' complains
echo "1..$n"
exit $rc
