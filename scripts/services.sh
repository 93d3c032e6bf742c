#!/bin/sh
# Installs what the tests need of servers. Tests start private servers as child processes, on loopback ports of their own: here they only have to be installed. Nothing is
# started by an init system.
set -eu

have() {
	command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || [ -x "/usr/lib/dovecot/$1" ] || ls /usr/lib/postgresql/*/bin/"$1" >/dev/null 2>&1
}

missing=
packages=
need() { # program, Debian packages
	if have "$1"; then
		echo "services: $1 is installed"
		return
	fi
	missing="$missing $1"
	shift
	packages="$packages $*"
}

need dovecot dovecot-core dovecot-imapd
need pop3 dovecot-pop3d
need initdb postgresql
need mariadbd mariadb-server
need nats-server nats-server
need chromium chromium # draws sanitised mails, and templates
need tidy tidy # checks the HTML of templates

[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1; then
	echo "services: install by your system's means:$missing" >&2
	exit 1
fi
SUDO=
[ "$(id -u)" = 0 ] || SUDO=sudo
# A policy of "not now" keeps packages from starting their own services.
if [ "$(id -u)" = 0 ] && [ ! -e /usr/sbin/policy-rc.d ]; then
	printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
	chmod 755 /usr/sbin/policy-rc.d
	trap 'rm -f /usr/sbin/policy-rc.d' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
$SUDO apt-get update -qq
# shellcheck disable=SC2086 # a list
$SUDO apt-get install -y -qq --no-install-recommends $packages >/dev/null
for program in $missing; do
	have "$program" || { echo "services: $program is still missing" >&2; exit 1; }
	echo "services: $program was installed"
done
