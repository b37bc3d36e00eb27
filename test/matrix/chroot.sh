# Debian releases in folders of their own, kept in the cache from run to run;
# sourced, not run. What is mounted for a command is seen by that command only
# and is gone with it, whatever ends it.
# shellcheck shell=bash
# shellcheck disable=SC2154 # $logs is the caller's

chroots=$(cache_folder)/chroots

# The chroot's name for the folder with the copy of our tree.
tree=/srv/mariadb_fdw

# And for the certificates of those whom this machine trusts, for npm and apt.
certificates=/usr/local/share/machine-certificates.crt

# Prints where this machine's apt has Debian from; MATRIX_MIRROR decides for
# machines that have it from nowhere.
mirror() {
	local found
	# shellcheck disable=SC2016 # apt fills these in
	found=$(apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' \
		'Created-By: Packages' 2>/dev/null |
		sed -nE 's/^Debian\|Debian\|((http|https|file):.*)$/\1/p' | sort | uniq -c |
		sort -rn | awk 'NR == 1 { print $2 }')
	echo "${MATRIX_MIRROR:-${found:-http://deb.debian.org/debian}}"
}

# The packages of a chroot come the same way as those of this machine: through
# its proxy, if there is one. What it says of the age of lists holds for
# mirrors that stand still, which any mirror may be for an old release. Mirrors
# are trusted as here; see copy_tracked.
apt_settings() {
	apt-config dump 2>/dev/null |
		grep -E '^Acquire::(Retries|https?::(Proxy|Timeout)[^ ]*) '
	cat <<-'CONF'
		Acquire::Check-Valid-Until "false";
		Acquire::Check-Date "false";
	CONF
	[[ ! -e /etc/ssl/certs/ca-certificates.crt ]] ||
		echo "Acquire::https::CAInfo \"$certificates\";"
}

# debootstrap does not read apt's settings.
export_proxy() {
	local proxy=
	eval "$(apt-config shell proxy Acquire::http::Proxy 2>/dev/null)"
	[[ -z $proxy ]] || export http_proxy=$proxy
	if [[ -z ${http_proxy:-} && -n $proxy && $proxy != DIRECT ]]; then
		export http_proxy=$proxy
	fi
}

# private SECONDS COMMAND...: runs COMMAND with mounts and processes of its
# own; 0 is no limit, and leaves it the terminal. Nothing of it outlives its
# time, this shell, or end_private, for a signal to this shell.
private() {
	local limit=(timeout -k 30 "$1")
	(($1)) || limit=(timeout --foreground 0)
	shift
	setpriv --pdeathsig TERM "${limit[@]}" setpriv --pdeathsig KILL \
		unshare --mount --pid --fork --kill-child --mount-proc "$@" <&0 &
	private_process=$!
	local status=0
	wait "$private_process" || status=$?
	private_process=
	return "$status"
}

end_private() {
	[[ -z ${private_process:-} ]] || kill "$private_process" 2>/dev/null
	wait
}

# make_chroot NAME SUITE SECONDS: makes the chroot NAME unless it is kept from
# before. One that was not finished has another name, and is begun again.
make_chroot() {
	local root=$chroots/$1 new=$chroots/$1.new uri script=()
	[[ ! -d $root ]] || return 0
	uri=$(mirror)
	# Releases that this debootstrap has not heard of are made as sid is.
	[[ -e /usr/share/debootstrap/scripts/$2 ]] || script=(sid)
	local options=(--variant=minbase)
	[[ $uri != https:* ]] || options+=(--include=ca-certificates)
	local keys=/usr/share/keyrings/debian-archive-keyring.gpg
	[[ ! -e $keys ]] || options+=("--keyring=$keys")

	rm -rf --one-file-system "$new"
	export_proxy
	private "$3" debootstrap "${options[@]}" "$2" "$new" "$uri" "${script[@]}" \
		</dev/null >"$logs/$1.debootstrap" 2>&1 || return
	echo "deb $uri $2 main" >"$new/etc/apt/sources.list"
	apt_settings >"$new/etc/apt/apt.conf.d/90matrix"
	# No package starts a service there.
	printf '#!/bin/sh\nexit 101\n' >"$new/usr/sbin/policy-rc.d"
	chmod 755 "$new/usr/sbin/policy-rc.d"
	mv "$new" "$root"
}

# Mounts what programs expect, and runs a command there; bash, and not the
# command itself, becomes the process that buries what others leave behind.
# shellcheck disable=SC2016
enter_script='
	root=$1
	shift
	mount -t proc proc "$root/proc" &&
		mount --rbind /dev "$root/dev" &&
		mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm" || exit
	cp -L /etc/resolv.conf /etc/hosts "$root/etc/" 2>/dev/null
	chroot "$root" /usr/bin/env -i "$@"
	exit $?'

# enter_chroot NAME SECONDS COMMAND...: runs COMMAND in the copy of our tree.
enter_chroot() {
	local root=$chroots/$1 seconds=$2 name
	shift 2
	local environment=(HOME=/root LANG=C.UTF-8 TERM=dumb
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)
	for name in TESTS TEST_SECONDS LAB_SOURCE CI http_proxy https_proxy no_proxy \
		HTTP_PROXY HTTPS_PROXY NO_PROXY npm_config_registry; do
		[[ -z ${!name:-} ]] || environment+=("$name=${!name}")
	done
	if [[ -e $root$certificates ]]; then
		environment+=("npm_config_cafile=$certificates"
			"NODE_EXTRA_CA_CERTS=$certificates")
	fi
	# shellcheck disable=SC2016
	private "$seconds" bash -c "$enter_script" enter "$root" "${environment[@]}" \
		bash -c 'cd "$1" && shift && "$@"' in "$tree" "$@"
}

# copy_tracked NAME: brings the tracked files of our tree, as they are here
# now, to the chroot NAME, in a new folder; npm's packages are kept.
copy_tracked() {
	local new=$chroots/$1$tree.new old=$chroots/$1$tree
	rm -rf "$new"
	mkdir -p "$new"
	git -c safe.directory='*' ls-files -z | while IFS= read -r -d '' file; do
		[[ ! -e $file ]] || printf '%s\0' "$file"
	done | tar -c --null -T - --owner=0 --group=0 | tar -x -C "$new"
	if [[ -d $old/test/prisma/node_modules ]]; then
		mv "$old/test/prisma/node_modules" "$new/test/prisma/"
	fi
	rm -rf "$old" "$chroots/$1"/tmp/mariadb_fdw*
	mv "$new" "$old"
	cp -L /etc/ssl/certs/ca-certificates.crt "$chroots/$1$certificates" 2>/dev/null
	return 0
}
