#!/bin/sh
# Gets what the tests of the page need and this machine lacks: Chromium, which
# they drive, from Debian's packages, and axe-core, which judges the page's
# accessibility, from npm's registry into .cache/axe-core. What cannot be had, it
# says; those tests then say that they were skipped, and with CI=true they fail.
set -u
cd "$(dirname "$0")/../.."
here=frontend/acceptance
axe=.cache/axe-core

has_browser() {
	for name in chromium chromium-browser google-chrome google-chrome-stable chrome; do
		command -v "$name" >/dev/null && return
	done
	return 1
}

has_npm() { command -v node >/dev/null && command -v npm >/dev/null; }

has_axe() { [ -f $axe/node_modules/axe-core/axe.min.js ] && cmp -s $here/package-lock.json $axe/package-lock.json; }

packages=""
has_browser || packages="$packages chromium"
has_axe || has_npm || packages="$packages nodejs npm"

if [ -n "$packages" ] && command -v apt-get >/dev/null; then
	root=none
	if [ "$(id -u)" = 0 ]; then
		root=""
	elif sudo -n true 2>/dev/null; then
		root="sudo -n"
	fi
	if [ "$root" != none ]; then
		echo "installing with apt-get, to try the dashboard:$packages"
		$root apt-get update -qq &&
			$root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $packages >/dev/null
	fi
fi
if ! has_axe && has_npm; then
	echo "fetching axe-core with npm into $axe, to judge the dashboard's accessibility"
	rm -rf $axe && mkdir -p $axe && cp $here/package.json $here/package-lock.json $axe/ &&
		npm ci --prefix $axe --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null || rm -rf $axe
fi

has_browser || echo "note: there is no Chromium, and it cannot be installed here: the tests of the page will say SKIP"
has_axe || echo "note: there is no axe-core, and it cannot be fetched here: the tests of accessibility will say SKIP"
[ "${CI:-}" != true ] || { has_browser && has_axe; }
