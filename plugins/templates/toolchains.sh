#!/bin/sh
# Makes sure that the templates can be built: by Rust with a library for
# WebAssembly, clang with a linker for it, and AssemblyScript. What is missing is
# installed: Debian's packages with apt-get, and AssemblyScript from npm's
# registry into .cache/assemblyscript. Where that cannot be done, it says so; with
# CI=true it fails then.
set -u
cd "$(dirname "$0")/../.."
cache=.cache/assemblyscript
template=plugins/templates/assemblyscript

has_rust() {
	for rustc in $(which -a rustc 2>/dev/null); do
		libs=$("$rustc" --print target-libdir --target wasm32-unknown-unknown 2>/dev/null) || continue
		ls "$libs"/libstd-*.rlib >/dev/null 2>&1 && return
	done
	return 1
}

has_clang() {
	case "$(clang --target=wasm32 -print-prog-name=wasm-ld 2>/dev/null)" in /*) return ;; esac
	return 1
}

has_node() { command -v node >/dev/null && command -v npm >/dev/null; }

has_assemblyscript() {
	[ -f $cache/node_modules/assemblyscript/bin/asc.js ] && cmp -s $template/package-lock.json $cache/package-lock.json
}

packages=""
has_rust || packages="$packages rustc libstd-rust-dev-wasm32 lld"
has_clang || packages="$packages clang lld libc6-dev"
has_node || packages="$packages nodejs npm"

if [ -n "$packages" ] && command -v apt-get >/dev/null; then
	root=none
	if [ "$(id -u)" = 0 ]; then
		root=""
	elif sudo -n true 2>/dev/null; then
		root="sudo -n"
	fi
	if [ "$root" != none ]; then
		echo "installing with apt-get, to test the templates of plugins:$packages"
		$root apt-get update -qq &&
			$root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $packages >/dev/null
	fi
fi
if has_node && ! has_assemblyscript; then
	echo "fetching AssemblyScript with npm into $cache, to test the templates of plugins"
	rm -rf $cache && mkdir -p $cache && cp $template/package.json $template/package-lock.json $cache/ &&
		npm ci --prefix $cache --no-audit --no-fund --loglevel=error >/dev/null || rm -rf $cache
fi

missing=""
has_rust || missing="$missing Rust (Debian: rustc libstd-rust-dev-wasm32 lld);"
has_clang || missing="$missing C (Debian: clang lld libc6-dev);"
has_assemblyscript || missing="$missing AssemblyScript (Node.js with npm, and npm's registry);"
[ -z "$missing" ] && exit
if [ "${CI:-}" = true ]; then
	echo "compilers are missing, and CI skips nothing:$missing"
	exit 1
fi
echo "SKIPPED: the templates of these languages will not be tested, since their compilers are missing:$missing"
