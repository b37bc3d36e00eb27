# What the scripts of the lab share; sourced, not run.
# shellcheck shell=bash

# Both servers refuse to run as root; then they run as this user. setpriv and
# not runuser, which would stay as the server's parent.
server_user=$(id -un postgres 2>/dev/null || echo nobody)
as_server_user=()
if ((EUID == 0)); then
	as_server_user=(setpriv "--reuid=$server_user" "--regid=$server_user"
		--init-groups)
fi

# Makes a folder that the servers can write to and nobody else can enter.
make_folder() {
	mkdir -p "$1"
	chmod 700 "$1"
	((EUID != 0)) || chown "$server_user" "$1"
}

# Prints a port that nobody listens on, below those that the system gives to
# outgoing connections.
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
# PROGRAM? A zombie has no command line, a reused number another one.
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
