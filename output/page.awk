# Make a C table of the lines of output/page.html.
BEGIN {
	print "/* Made by output/page.awk from output/page.html; edit that. */"
	print "#include \"output/pagetext.h\"\n"
	print "const char *const pagetext[] = {"
}
{
	gsub(/\\/, "&&")
	gsub(/"/, "\\\"")
	gsub(/\?\?/, "?\\?")
	printf "\t\"%s\\n\",\n", $0
}
END { print "\t0,\n};" }
