# Which packages contain what the lab needs? apt is asked, because the names
# differ between releases and repositories. Sourced, not run.
# shellcheck shell=bash

# Checks whether apt could install a package: it may be known only because
# others mention it, or no longer be in any source.
can_install() {
	local policy
	policy=$(LC_ALL=C apt-cache policy "$1" 2>/dev/null)
	[[ $policy =~ 'Candidate: '[^\(] ]]
}

# newest_of NAME...: prints the first NAME that apt could install, or the
# newest NAME-VERSION where the package's name contains the version.
newest_of() {
	local name candidate
	for name; do
		for candidate in "$name" $(apt-cache pkgnames "$name-" 2>/dev/null |
			grep -xE "${name//./\\.}-[0-9][0-9.]*" | sort -Vr); do
			if can_install "$candidate"; then
				echo "$candidate"
				return
			fi
		done
	done
	return 1
}

# program_package mariadb|mysql server|client: prints the package of a server
# or its client programs. "Core" packages come without a service; MySQL's own
# repository uses other names.
program_package() {
	newest_of "$1-$2-core" "$1-community-$2-core" "$1-$2"
}

# Prints mysql where only MySQL is installed or available; LAB_SOURCE decides
# where both are.
source_server() {
	if [[ -n ${LAB_SOURCE:-} ]]; then
		echo "$LAB_SOURCE"
	elif has_mariadb; then
		echo mariadb
	elif has_mysql; then
		echo mysql
	elif ! program_package mariadb server >/dev/null &&
		program_package mysql server >/dev/null; then
		echo mysql
	else
		echo mariadb
	fi
}

# Prints the path of a server's program, which may not be in the PATH.
server_program() {
	PATH=$PATH:/usr/sbin:/usr/libexec command -v "$1"
}

# Before 10.4.6 MariaDB's programs had MySQL's names only.
has_mariadb() {
	server_program mariadbd >/dev/null ||
		[[ $(version_of_mysqld) == *MariaDB* ]]
}

has_mysql() {
	local version
	version=$(version_of_mysqld) && [[ $version != *MariaDB* ]]
}

version_of_mysqld() {
	local program
	program=$(server_program mysqld) && "$program" --version 2>/dev/null
}

# Prints the major version of PostgreSQL that apt would install.
postgresql_of_apt() {
	LC_ALL=C apt-cache depends postgresql 2>/dev/null |
		sed -n 's/.*Depends: postgresql-\([0-9][0-9]*\)$/\1/p' | sort -n | tail -n 1
}

# Prints the package of clang's run time libraries, which has clang's version.
clang_runtime() {
	local clang
	clang=$(LC_ALL=C apt-cache depends clang 2>/dev/null |
		sed -n 's/.*Depends: clang-\([0-9]*\)$/\1/p')
	echo "libclang-rt-${clang:-14}-dev"
}
