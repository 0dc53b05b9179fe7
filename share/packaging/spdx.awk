# SPDX-License-Identifier: MIT
# Write a software bill of materials, SPDX 2.3 in JSON, from the output of sha1sum and sha256sum.
#
#	awk -v package=NAME -v version=VERSION -v created=TIME -v code=VERIFICATION_CODE \
#	    -v space=UNIQUE_TEXT -v folder=FOLDER [-v linked='NAME VERSION LICENSE'] -f spdx.awk SHA1 SHA256
#
# folder has the files, for the licences that they name; linked is a library in the programs.

function quote(s) {
	gsub(/\\/, "\\\\", s)
	gsub(/"/, "\\\"", s)
	return "\"" s "\""
}

# license(FILE): return the identifier in one of the first lines of FILE, or NOASSERTION.
function license(file, line, n, found) {
	found = "NOASSERTION"
	for (n = 0; n < 5 && (getline line <file) > 0; n++)
		if (sub(/.*SPDX-License-Identifier: /, "", line)) {
			sub(/[^A-Za-z0-9.+-].*/, "", line)
			found = line
		}
	close(file)
	return found
}

function type(file) {
	if (file ~ /\.(c|h|sh|awk|py|bats|bash|gnuplot)$/)
		return "SOURCE"
	if (file ~ /\.([0-9]|md)$/)
		return "DOCUMENTATION"
	return file ~ /(^|\/)bin\// ? "BINARY" : "OTHER"
}

function put_package(id, title, release, terms) {
	printf "    {\n      \"SPDXID\": \"%s\",\n      \"name\": %s,\n", id, quote(title)
	printf "      \"versionInfo\": %s,\n      \"downloadLocation\": \"NOASSERTION\",\n", quote(release)
	printf "      \"licenseConcluded\": \"%s\",\n      \"licenseDeclared\": \"%s\",\n", terms, terms
}

function put_packages(part) {
	print "  \"packages\": ["
	put_package("SPDXRef-Package", package, version, "MIT")
	print "      \"supplier\": \"Organization: mempipe maintainers\","
	print "      \"copyrightText\": \"Copyright (c) 2026 the mempipe authors\","
	print "      \"filesAnalyzed\": true,"
	printf "      \"packageVerificationCode\": {\"packageVerificationCodeValue\": \"%s\"}\n    }", code
	if (linked != "") {
		split(linked, part, " ")
		print ","
		put_package("SPDXRef-Linked", part[1], part[2], part[3])
		print "      \"supplier\": \"NOASSERTION\","
		print "      \"copyrightText\": \"NOASSERTION\","
		printf "      \"filesAnalyzed\": false\n    }"
	}
	print "\n  ],"
}

function put_file(i, named) {
	named = license(folder "/" name[i])
	printf "    {\n      \"SPDXID\": \"SPDXRef-File-%d\",\n      \"fileName\": %s,\n", i, quote("./" name[i])
	printf "      \"fileTypes\": [\"%s\"],\n      \"checksums\": [\n", type(name[i])
	printf "        {\"algorithm\": \"SHA1\", \"checksumValue\": \"%s\"},\n", sha1[i]
	printf "        {\"algorithm\": \"SHA256\", \"checksumValue\": \"%s\"}\n      ],\n", sha256[i]
	printf "      \"licenseConcluded\": \"MIT\",\n      \"licenseInfoInFiles\": [\"%s\"],\n", named
	printf "      \"copyrightText\": \"NOASSERTION\"\n    }%s\n", i < n ? "," : ""
}

function put_relation(from, how, to, last) {
	printf "    {\"spdxElementId\": \"%s\", \"relationshipType\": \"%s\", \"relatedSpdxElement\": \"%s\"}%s\n", \
		from, how, to, last ? "" : ","
}

FNR == 1 {
	part++
}

part == 1 {
	name[++n] = substr($0, 43)
	sha1[n] = $1
}

part == 2 {
	sha256[FNR] = $1
}

END {
	print "{\n  \"spdxVersion\": \"SPDX-2.3\",\n  \"dataLicense\": \"CC0-1.0\",\n  \"SPDXID\": \"SPDXRef-DOCUMENT\","
	printf "  \"name\": %s,\n", quote(package "-" version)
	printf "  \"documentNamespace\": \"https://spdx.org/spdxdocs/%s-%s-%s\",\n", package, version, space
	printf "  \"creationInfo\": {\n    \"created\": \"%s\",\n", created
	print "    \"creators\": [\"Organization: mempipe maintainers\", \"Tool: mempipe-spdx.awk\"]\n  },"
	put_packages()
	print "  \"files\": ["
	for (i = 1; i <= n; i++)
		put_file(i)
	print "  ],\n  \"relationships\": ["
	put_relation("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-Package")
	if (linked != "")
		put_relation("SPDXRef-Package", "STATIC_LINK", "SPDXRef-Linked")
	for (i = 1; i <= n; i++)
		put_relation("SPDXRef-Package", "CONTAINS", "SPDXRef-File-" i, i == n)
	print "  ]\n}"
}
