#!/bin/sh
# Words that have their place, or none. Each rule is one search; the brackets
# in some patterns keep this file from finding itself.
cd "$KEDGE_SRC" || exit 99
folders="base crypto payload object store fetch rrdp validator rtr output daemon"
n=0
rc=0

# rule NAME FOUND: passes when nothing was found.
rule() {
	n=$((n + 1))
	if [ -z "$2" ]; then
		echo "ok $n - $1"
	else
		echo "$2" | sed 's/^/# /'
		echo "not ok $n - $1"
		rc=1
	fi
}

# Lines of our sources that match $1, without what matches $2 (file names).
sources() {
	grep -rnE --include='*.[ch]' "$1" $folders | grep -vE "^(${2:-none}):"
}

rule 'nothing is left to do later' \
	"$(grep -rnE '\b(TO[D]O|FIX[M]E|X[X]X)\b' --include='*.[ch]' \
		--include='*.am' --include='*.sh' --include='*.py' --include='*.md' \
		--include='*.ac' --include='*.def' . | grep -v '^./build-aux/')"
rule 'threads and locks only in base/queue.c, turnstile.c, pool.c and log.c' \
	"$(sources '\bpthread_' 'base/(queue|turnstile|pool|log)\.c')"
rule 'only base/clock.c asks for time or chance' \
	"$(sources '(^|[^_a-zA-Z.>])(time|clock_gettime|gettimeofday|s?rand|s?random|rand_r|[dlm]rand48|getrandom|arc4random[a-z_]*|RAND_[a-z_]*)\(' \
		'base/clock\.c')"
rule 'no function that cannot be used safely' \
	"$(sources '(^|[^_a-zA-Z.>])(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|system|popen|alloca|tmpnam|mktemp|setjmp|longjmp)\(')"
rule 'no file includes another .c file' \
	"$(grep -rnE --include='*.[ch]' '^#include .*\.c[">]' $folders tests)"
rule 'no thread-locals' "$(sources '\b(_Thread_local|__thread|thread_local)\b')"
rule 'what the guide says that one sees is said somewhere' \
	"$(sed -n '/^## Troubleshooting/,$s/^| `\([^`]*\)`.*/\1/p' doc/guide.md |
		sed 's/ *\.\.\..*//' | while read -r words; do
		grep -rqF --include='*.c' --include=fault.def --exclude=manual.c "$words" $folders ||
			echo "$words"
	done)"
rule 'no path of the machine it was written on' \
	"$(grep -rnE '(/wor[k]/|/hom[e]/|/roo[t]/)' --include='*.[ch]' \
		--include='*.am' --include='*.sh' --include='*.py' --include='*.md' \
		--include='*.scn' . | grep -v '^./build-aux/')"
rule 'every source begins with its licence' \
	"$(find $folders tests -name '*.[ch]' 2>/dev/null | while read -r file; do
		head -1 "$file" | grep -q 'SPDX-License-Identifier: BSD-2-Clause' ||
			echo "$file"
	done)"

# Features are not islands of #if; the machine's are in base/.
most=12
islands=$(sources '^#[ \t]*if' 'base/(sandbox|syscalls)\.c')
[ "$(echo "$islands" | grep -c .)" -gt "$most" ] || islands=
rule "at most $most #if outside the sandbox" "$islands"
echo "1..$n"
exit $rc
