# What test/lab/mariadb and test/lab/mysql share; sourced, not run. They set
# program and client, define create_data, launch and create_accounts, and may
# define warm_up.
# shellcheck shell=bash disable=SC2154

dir=$(realpath -m "${2:?DIR}")
pid_file=$dir/mariadb.pid
socket=$dir/mariadb.sock

start() {
	make_folder "$dir"
	cd "$dir"
	local is_new=
	if [[ ! -d data ]]; then
		is_new=1
		create_data "$@"
		make_folder tmp
		free_port >port
	fi
	launch "$@"
	wait_until 60 answers_or_died || true
	answers || fail_with_log "$program did not start" mariadb.log
	[[ -z $is_new ]] || create_accounts
	! declare -F warm_up >/dev/null || warm_up
	cat port
}

# Newer clients of MariaDB require TLS by default, which the server may not
# have.
as_root() {
	local plain=()
	[[ $client != mariadb ]] || plain=(--skip-ssl)
	"$client" --no-defaults "${plain[@]}" --host=localhost --socket="$socket" -uroot "$@"
}

answers() {
	as_root -e 'DO 0' 2>/dev/null
}

answers_or_died() {
	answers || ! kill -0 "$launched" 2>/dev/null
}

stop() {
	local pid
	is_running "$pid_file" "$program" || return 0
	pid=$(<"$pid_file")
	kill "$pid"
	wait_until 60 has_ended || kill -9 "$pid"
}

has_ended() {
	! is_running "$pid_file" "$program"
}

# act ACTION DIR ARG...: runs the action that the script was called for.
act() {
	case $1 in
		start) start "${@:3}" ;;
		stop) stop ;;
		*)
			sed -n '2,/^set/s/^# \{0,1\}//p' "${0##*/}" >&2
			exit 2
			;;
	esac
}
