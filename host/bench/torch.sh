#!/bin/sh
# Prints a Python that has PyTorch. Where there is none, Debian's package is
# installed if apt-get can be used. What it does is told on standard error, in
# the name of the make target that is given.
set -eu

find_python() {
	for python in python3 /usr/bin/python3; do
		if command -v "$python" >/dev/null && "$python" -c 'import numpy, torch' 2>/dev/null; then
			command -v "$python"
			return
		fi
	done
	return 1
}

find_python && exit 0
if ! command -v apt-get >/dev/null; then
	echo "$1: PyTorch for Python 3 is needed, with NumPy (Debian: python3-torch);" >&2
	echo "without it, FLAGS=-no-torch measures our side only" >&2
	exit 1
fi
root=""
if [ "$(id -u)" != 0 ]; then
	root="sudo -n"
	if ! $root true 2>/dev/null; then
		echo "$1: PyTorch is missing; as root, run" >&2
		echo "  apt-get install python3-torch" >&2
		echo "or measure our side only, with FLAGS=-no-torch" >&2
		exit 1
	fi
fi
echo "installing python3-torch with apt-get" >&2
$root apt-get update -q >&2
DEBIAN_FRONTEND=noninteractive $root apt-get install -q -y --no-install-recommends python3-torch python3-numpy >&2
if ! find_python; then
	echo "$1: python3-torch is installed, but neither python3 nor /usr/bin/python3 can import it:" >&2
	/usr/bin/python3 -c 'import numpy, torch' >&2
	exit 1
fi
