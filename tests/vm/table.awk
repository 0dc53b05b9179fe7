# SPDX-License-Identifier: MIT
# Print the results of several places side by side: a line for each result, a column for each place.
BEGIN { FS = "\t" }
FNR == 1 {
	place = FILENAME
	sub(/.*\//, "", place)
	sub(/\.tsv$/, "", place)
	places[++columns] = place
}
$1 != "end" && !($1 in seen) { seen[$1] = 1; names[++lines] = $1 }
{
	cell[$1, columns] = ($2 == "ok" ? "" : $2 == "absent" ? "- " : "FAILED ") $3
}
function width_of(column,   i, most) {
	most = length(places[column])
	for (i = 1; i <= lines; i++)
		if (length(cell[names[i], column]) > most)
			most = length(cell[names[i], column])
	return most
}
END {
	names[++lines] = "end"
	for (i = 1; i <= lines; i++)
		if (length(names[i]) > first)
			first = length(names[i])
	for (c = 1; c <= columns; c++)
		width[c] = width_of(c)
	for (i = 0; i <= lines; i++) {
		line = sprintf("%-" first "s", i ? names[i] : "")
		for (c = 1; c <= columns; c++)
			line = line sprintf("  %-" width[c] "s", i ? cell[names[i], c] : places[c])
		sub(/ +$/, "", line)
		print line
	}
}
