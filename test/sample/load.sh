#!/usr/bin/env bash
# Makes the sample database anew:  [SCALE=n] load.sh DATABASE
# SCALE 1 gives 11,000 rows, each further unit as many again.
# SIGNED_ONLY=1 leaves out the unsigned values beyond the signed range, which
# the Int and BigInt of Prisma's PostgreSQL provider cannot hold.
# MARIADB_CLIENT names the client program, MARIADB_ARGS its options.
set -euo pipefail

database=${1:?"usage: [SCALE=n] load.sh DATABASE"}
scale=${SCALE:-1}
folder=$(dirname "$0")

if [[ ! $scale =~ ^[1-9][0-9]*$ ]]; then
	echo "SCALE must be a positive integer" >&2
	exit 2
fi

client() {
	# shellcheck disable=SC2086 # options are to be split
	"${MARIADB_CLIENT:-mariadb}" ${MARIADB_ARGS-} --batch --skip-column-names \
		--default-character-set=utf8mb4 --show-warnings "$@"
}

# With the check on, tables that refer to each other are not dropped.
client -e "SET foreign_key_checks = 0;
	DROP DATABASE IF EXISTS \`${database//\`/\`\`}\`;
	CREATE DATABASE \`${database//\`/\`\`}\` CHARACTER SET utf8mb4" >/dev/null

# The scripts print nothing, so whatever is printed is a warning.
warnings=$({
	echo "SET @scale = $scale, @signed_only = ${SIGNED_ONLY:-0};"
	cat "$folder/schema.sql" "$folder/data.sql"
} | client "$database")
checks=$(client "$database" <"$folder/check.sql")
warnings+=$(client "$database" <<<"$checks")

if [[ -n $warnings ]]; then
	echo "$warnings" >&2
	exit 1
fi
