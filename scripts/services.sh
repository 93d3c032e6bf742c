#!/bin/sh
# Installs what the tests need of servers. Tests start their own private Dovecot as a child process, on loopback ports of its own: here it only has to be installed. Nothing is
# started by an init system.
set -eu

have() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }

if have dovecot; then
	echo "services: dovecot is installed"
	exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
	echo "services: install dovecot (with its IMAP server) by your system's means" >&2
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
$SUDO apt-get install -y -qq --no-install-recommends dovecot-core dovecot-imapd >/dev/null
have dovecot
echo "services: dovecot was installed"
