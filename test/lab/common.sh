# What the scripts of the lab share; sourced, not run.
# shellcheck shell=bash

# Both servers refuse to run as root; started by root, they run as this user.
# setpriv, because runuser would remain as the server's parent.
server_user=$(id -un postgres 2>/dev/null || echo nobody)
as_server_user=()
if ((EUID == 0)); then
	as_server_user=(setpriv "--reuid=$server_user" "--regid=$server_user"
		--init-groups)
fi

# Creates a folder that only the servers can write to and enter.
make_folder() {
	mkdir -p "$1"
	chmod 700 "$1"
	((EUID != 0)) || chown "$server_user" "$1"
}

# Prints a free port, below those that the system uses for outgoing
# connections.
free_port() {
	perl -MIO::Socket::INET -e '
		for (1 .. 100) {
			my $port = 10000 + int rand 20000;
			IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => $port,
				Proto => "tcp", Listen => 1) or next;
			print "$port\n";
			exit 0;
		}
		die "no free port on 127.0.0.1\n";'
}

# is_running PIDFILE PROGRAM: is the process of the file alive, and is it
# PROGRAM? A zombie has no command line, a reused PID a different one.
is_running() {
	local pid
	pid=$(head -n 1 "$1" 2>/dev/null) && [[ -n $pid ]] &&
		tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -q "$2"
}

# wait_until SECONDS COMMAND...: runs COMMAND until it succeeds.
wait_until() {
	local deadline=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS < deadline)) || return 1
		sleep 0.1
	done
}

# Shows the end of a server's log and fails.
fail_with_log() {
	echo "$1; the end of its log:" >&2
	tail -n 20 "$2" >&2
	return 1
}

# Prints the folder that caches what is expensive to build: the user's own
# cache, or for root one that the user of the servers can enter.
cache_folder() {
	local parent=${XDG_CACHE_HOME:-$HOME/.cache}
	((EUID != 0)) || parent=/var/cache
	echo "$parent/mariadb_fdw"
}

# copy_tree DIR: copies what a build of the extension needs to DIR, and deletes
# what no longer exists in the tree; object files that are up to date stay.
copy_tree() {
	local file
	mkdir -p "$1"
	(cd "$1" && find . -name '*.[cho]' -o -path './src/*.sql') | while read -r file; do
		[[ -e ${file%.o} || -e ${file%.o}.c ]] || rm "$1/$file"
	done
	tar -c --exclude='*.o' Makefile mariadb_fdw.c mariadb_fdw.control src sql \
		expected | tar -x -C "$1"
}

# sanitized_build NAME FLAG...: builds the extension for the server that
# test/lab/sanitizer prints, in a folder of its own, and sets build to that.
# It is also instrumented for libFuzzer, which does not affect tests.
sanitized_build() {
	build=$(cache_folder)/$1-$(pwd | cksum | cut -d ' ' -f 1)
	shift
	mkdir -p "$build"
	chmod 755 "$(cache_folder)" "$build"
	copy_tree "$build"
	ASAN_OPTIONS=detect_leaks=0 make -s -C "$build" -j "$(nproc)" \
		PG_CONFIG="$PG_CONFIG" COPT="$*"
	chmod -R go+rX "$build"
}

sanitized_flags='-fsanitize=fuzzer-no-link -fno-sanitize-recover=undefined'

# The sanitizer options that every program of such a build needs: PostgreSQL
# does not free its memory at exit, and checks its own stack depth.
sanitizer_options=detect_leaks=0:detect_stack_use_after_return=0
