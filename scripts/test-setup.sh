#!/bin/sh
# Fetches what the tests need and the Go module proxy does not have: Chromium, PostgreSQL and nginx from the system's packages, and
# axe-core from npm into .cache/. What cannot be fetched is named loudly, and its tests skip; with TOKENFLEX_REQUIRE_BROWSER=1 or
# TOKENFLEX_REQUIRE_POSTGRES=1, as in CI, that is an error.
set -u
PATH=$PATH:/usr/sbin # where nginx lies

AXE=4.14.1
cd "$(dirname "$0")/.."
missing=

have() { command -v "$1" >/dev/null 2>&1; }

root() {
	if [ "$(id -u)" = 0 ]; then "$@"; elif have sudo && sudo -n true 2>/dev/null; then sudo -n "$@"; else return 1; fi
}

# package NAME: installs it where the system has apt, with the lists fetched anew if it has to.
package() {
	have apt-get || return 1
	echo "test-setup: installing $1"
	root apt-get install -y -q --no-install-recommends "$1" >/dev/null 2>&1 ||
		{ root apt-get update -q >/dev/null 2>&1 && root apt-get install -y -q --no-install-recommends "$1" >/dev/null 2>&1; }
}

have chromium || have chromium-browser || have google-chrome || package chromium || missing="$missing chromium"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || have initdb || package postgresql || missing="$missing postgresql"
have nginx || package nginx-light || missing="$missing nginx"

if [ ! -s ".cache/axe-core-$AXE/axe.min.js" ]; then
	if have npm; then
		echo "test-setup: fetching axe-core $AXE"
		rm -rf .cache/axe.tmp && mkdir -p .cache/axe.tmp ".cache/axe-core-$AXE" &&
			npm pack --silent --pack-destination .cache/axe.tmp "axe-core@$AXE" >/dev/null &&
			tar -xzf .cache/axe.tmp/axe-core-*.tgz -C .cache/axe.tmp package/axe.min.js &&
			mv .cache/axe.tmp/package/axe.min.js ".cache/axe-core-$AXE/axe.min.js"
		rm -rf .cache/axe.tmp
	fi
	[ -s ".cache/axe-core-$AXE/axe.min.js" ] || missing="$missing axe-core(npm)"
fi

if [ -n "$missing" ]; then
	echo "test-setup: MISSING:$missing. What needs it is NOT tested." >&2
	[ "${TOKENFLEX_REQUIRE_BROWSER:-}${TOKENFLEX_REQUIRE_POSTGRES:-}" != "" ] && exit 1
fi
exit 0
