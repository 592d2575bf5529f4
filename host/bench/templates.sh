#!/bin/sh
# Measures the templates for authors in C and in AssemblyScript, built by their
# compilers where those are there: sh host/bench/templates.sh PROGRAM
set -eu
case "$1" in /*) program=$1 ;; *) program=$PWD/$1 ;; esac
modules=$PWD/.cache/assemblyscript/node_modules
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
for language in c assemblyscript; do
	if "$program" plugin new "$language-template" --lang $language --dir "$dir/$language" >/dev/null 2>&1 &&
		{ [ $language != assemblyscript ] || ln -s "$modules" "$dir/$language/node_modules"; } &&
		"$program" plugin build "$dir/$language" >"$dir/log" 2>&1; then
		(cd "$dir/$language" && "$program" plugin bench ./*.wasm)
	else
		echo
		echo "not measured: the template in $language, since it could not be built:"
		tail -n 3 "$dir/log" 2>/dev/null || true
	fi
done
