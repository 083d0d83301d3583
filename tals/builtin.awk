# Make the C table of built-in trust anchors from the TAL files given.
function close_entry() {
	if (open) {
		printf ",\n\t\t.uris = \"%s\",\n\t},\n", uris
	}
}
BEGIN {
	print "/* Made by tals/builtin.awk from tals/; edit those. */"
	print "#include \"daemon/builtin.h\"\n"
	print "const struct builtin builtin_tals[] = {"
}
FNR == 1 {
	close_entry()
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.tal$/, "", name)
	printf "\t{\n\t\t.name = \"%s\",\n", name
	printf "\t\t.key_hash = \"%s\",\n\t\t.text =", $NF
	uris = ""
	open = 1
	count++
	head = 1
}
{ printf "\n\t\t    \"%s\\n\"", $0 }
/^#/ { next }
/^$/ { head = 0 }
head { uris = uris (uris == "" ? "" : " ") $0 }
END {
	close_entry()
	print "};\n"
	printf "const size_t builtin_count = %d;\n", count
}
