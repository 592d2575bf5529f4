#!/bin/sh
# Checks that a C compiler, OpenBLAS and oneDNN are there to be measured, and
# installs Debian's packages of what is missing if apt-get can be used.
# The compiler may be named by CC.
set -eu

works() {
	command -v ${CC:-gcc} >/dev/null &&
		printf '#include <cblas.h>\n#include <dnnl.h>\nint main(void) { return !openblas_get_corename() + !dnnl_version(); }\n' |
		${CC:-gcc} -x c - -o /dev/null -lopenblas -ldnnl -fopenmp 2>/dev/null
}

works && exit 0
packages="gcc libc6-dev libopenblas-dev libdnnl-dev"
if ! command -v apt-get >/dev/null; then
	echo "bench-gemm: a C compiler with OpenMP, OpenBLAS and oneDNN are needed, with their headers;" >&2
	echo "install what your system has in place of Debian's $packages" >&2
	exit 1
fi
root=""
if [ "$(id -u)" != 0 ]; then
	root="sudo -n"
	if ! $root true 2>/dev/null; then
		echo "bench-gemm: OpenBLAS, oneDNN or a C compiler is missing; as root, run" >&2
		echo "  apt-get install $packages" >&2
		exit 1
	fi
fi
echo "installing $packages with apt-get"
$root apt-get update -q
DEBIAN_FRONTEND=noninteractive $root apt-get install -q -y --no-install-recommends $packages
if ! works; then
	echo "bench-gemm: the packages are installed, but a program with OpenBLAS and oneDNN cannot be built:" >&2
	printf '#include <cblas.h>\n#include <dnnl.h>\nint main(void) { return 0; }\n' | ${CC:-gcc} -x c - -o /dev/null -lopenblas -ldnnl -fopenmp
	exit 1
fi
