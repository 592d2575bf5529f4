package sandbox

import "encoding/binary"

// This file answers WASI preview 1 (wasi_snapshot_preview1, witx of January
// 2020) for a guest that has no files, no network, no arguments and no
// environment. There is no code here that could reach any of them. Time and
// randomness are simulated, so that equal calls get equal answers.

const wasiModule = "wasi_snapshot_preview1"

// errno is a WASI error number.
type errno = uint32

const (
	errnoSuccess errno = 0
	errnoBadf    errno = 8
	errnoFault   errno = 21
	errnoInval   errno = 28
	errnoNosys   errno = 52
	errnoNotsock errno = 57
	errnoNotsup  errno = 58
	errnoSpipe   errno = 70
)

// clockStart is what the guest's calendar shows when its instance is made:
// 2022-01-01T00:00:00Z, in nanoseconds since 1970. Each look at a clock takes
// clockStep, and waiting takes no time but moves the clock ahead.
const (
	clockStart = 1_640_995_200_000_000_000
	clockStep  = 1_000
)

// randomSeed is the initial state of the generator behind random_get.
const randomSeed = 0x65737061_6c696572 // "espalier"

// wasiFuncs are the functions of preview 1, with their signatures. Those that
// would need a file, directory or socket say that there is none.
var wasiFuncs = map[string]hostFunc{
	"args_get":          wasi("ii", nothing),
	"args_sizes_get":    wasi("ii", zeroSizes),
	"environ_get":       wasi("ii", nothing),
	"environ_sizes_get": wasi("ii", zeroSizes),

	"clock_res_get":  wasi("ii", clockResolution),
	"clock_time_get": wasi("iIi", clockTime),
	"random_get":     wasi("ii", random),
	"poll_oneoff":    wasi("iiii", poll),
	"sched_yield":    wasi("", nothing),
	"proc_exit":      {params: "i", call: exit},
	"proc_raise":     wasi("i", refuse(errnoNosys)),

	"fd_write":            wasi("iiii", write),
	"fd_read":             wasi("iiii", read),
	"fd_close":            wasi("i", onStream(errnoSuccess)),
	"fd_fdstat_get":       wasi("ii", streamStatus),
	"fd_fdstat_set_flags": wasi("ii", onStream(errnoSuccess)),
	"fd_filestat_get":     wasi("ii", streamFile),
	"fd_seek":             wasi("iIii", onStream(errnoSpipe)),
	"fd_tell":             wasi("ii", onStream(errnoSpipe)),

	"fd_advise":             wasi("iIIi", onStream(errnoSpipe)),
	"fd_allocate":           wasi("iII", onStream(errnoNotsup)),
	"fd_datasync":           wasi("i", onStream(errnoInval)),
	"fd_fdstat_set_rights":  wasi("iII", onStream(errnoNotsup)),
	"fd_filestat_set_size":  wasi("iI", onStream(errnoInval)),
	"fd_filestat_set_times": wasi("iIIi", onStream(errnoNotsup)),
	"fd_pread":              wasi("iiiIi", onStream(errnoSpipe)),
	"fd_pwrite":             wasi("iiiIi", onStream(errnoSpipe)),
	"fd_prestat_get":        wasi("ii", refuse(errnoBadf)),
	"fd_prestat_dir_name":   wasi("iii", refuse(errnoBadf)),
	"fd_readdir":            wasi("iiiIi", refuse(errnoBadf)),
	"fd_renumber":           wasi("ii", onStream(errnoNotsup)),
	"fd_sync":               wasi("i", onStream(errnoInval)),

	"path_create_directory":   wasi("iii", refuse(errnoBadf)),
	"path_filestat_get":       wasi("iiiii", refuse(errnoBadf)),
	"path_filestat_set_times": wasi("iiiiIIi", refuse(errnoBadf)),
	"path_link":               wasi("iiiiiii", refuse(errnoBadf)),
	"path_open":               wasi("iiiiiIIii", refuse(errnoBadf)),
	"path_readlink":           wasi("iiiiii", refuse(errnoBadf)),
	"path_remove_directory":   wasi("iii", refuse(errnoBadf)),
	"path_rename":             wasi("iiiiii", refuse(errnoBadf)),
	"path_symlink":            wasi("iiiii", refuse(errnoBadf)),
	"path_unlink_file":        wasi("iii", refuse(errnoBadf)),

	"sock_accept":   wasi("iii", onStream(errnoNotsock)),
	"sock_recv":     wasi("iiiiii", onStream(errnoNotsock)),
	"sock_send":     wasi("iiiii", onStream(errnoNotsock)),
	"sock_shutdown": wasi("ii", onStream(errnoNotsock)),
}

type wasiCall func(w *world, mem memory, a []uint64) errno

func wasi(params string, call wasiCall) hostFunc {
	return hostFunc{params, "i", func(w *world, mem memory, a []uint64) (uint32, error) {
		return call(w, mem, a), nil
	}}
}

// isStream tells whether fd is standard input, output or error, the only
// descriptors there are.
func isStream(fd uint64) bool { return uint32(fd) <= 2 }

func refuse(e errno) wasiCall {
	return func(*world, memory, []uint64) errno { return e }
}

// onStream answers e for a standard stream, and that any other is not open.
func onStream(e errno) wasiCall {
	return func(_ *world, _ memory, a []uint64) errno {
		if !isStream(a[0]) {
			return errnoBadf
		}
		return e
	}
}

func nothing(*world, memory, []uint64) errno { return errnoSuccess }

// zeroSizes is args_sizes_get(*count, *bytes) and environ_sizes_get.
func zeroSizes(_ *world, mem memory, a []uint64) errno {
	return written(mem.putU32(a[0], 0) && mem.putU32(a[1], 0))
}

func written(ok bool) errno {
	if !ok {
		return errnoFault
	}
	return errnoSuccess
}

const (
	clockRealtime  = 0
	clockMonotonic = 1
	clockThread    = 3 // also 2, the process's
)

// clockResolution is clock_res_get(id, *nanoseconds).
func clockResolution(_ *world, mem memory, a []uint64) errno {
	if uint32(a[0]) > clockThread {
		return errnoInval
	}
	return written(mem.putU64(a[1], clockStep))
}

// clockTime is clock_time_get(id, precision, *nanoseconds).
func clockTime(w *world, mem memory, a []uint64) errno {
	if uint32(a[0]) > clockThread {
		return errnoInval
	}
	w.state.clock = saturatingAdd(w.state.clock, clockStep)
	return written(mem.putU64(a[2], w.now(uint32(a[0]))))
}

// now reads clock id; all but the calendar count from the instance's start.
func (w *world) now(id uint32) uint64 {
	if id == clockRealtime {
		return clockStart + w.state.clock
	}
	return w.state.clock
}

// random is random_get(buf, len): the generator splitmix64 (Steele, Lea and
// Flood 2014), eight bytes a step, little-endian.
func random(w *world, mem memory, a []uint64) errno {
	b, ok := mem.at(a[0], a[1])
	if !ok {
		return errnoFault
	}
	w.work = int64(len(b) / 2)
	for len(b) > 0 {
		w.state.random += 0x9e3779b97f4a7c15
		z := w.state.random
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		var word [8]byte
		binary.LittleEndian.PutUint64(word[:], z^z>>31)
		b = b[copy(b, word[:]):]
	}
	return errnoSuccess
}

func exit(_ *world, _ memory, a []uint64) (uint32, error) {
	return 0, &exited{uint32(a[0])}
}

// maxVectors is how many buffers or subscriptions one call may name, as the
// IOV_MAX of most systems: the host's time is not the guest's to spend.
const maxVectors = 1024

// write is fd_write(fd, *iovs, count, *written). Output goes to the tail that
// error messages show.
func write(w *world, mem memory, a []uint64) errno {
	if fd := uint32(a[0]); fd != 1 && fd != 2 {
		return errnoBadf
	}
	count := uint64(uint32(a[2]))
	if count > maxVectors {
		return errnoInval
	}
	total := uint32(0)
	for i := range count {
		ptr, ok1 := mem.u32(a[1] + 8*i)
		n, ok2 := mem.u32(a[1] + 8*i + 4)
		b, ok3 := mem.at(uint64(ptr), uint64(n))
		if !ok1 || !ok2 || !ok3 {
			return errnoFault
		}
		w.tail.write(b)
		w.work += 1 + int64(len(b))/8
		total += n
	}
	return written(mem.putU32(a[3], total))
}

// read is fd_read(fd, *iovs, count, *read); standard input is empty.
func read(_ *world, mem memory, a []uint64) errno {
	if uint32(a[0]) != 0 {
		return errnoBadf
	}
	return written(mem.putU32(a[3], 0))
}

const characterDevice = 2 // file type of the standard streams

// streamStatus is fd_fdstat_get(fd, *status): 24 bytes, with the file type,
// flags and rights.
func streamStatus(_ *world, mem memory, a []uint64) errno {
	return describeStream(mem, a, 24, 0)
}

// streamFile is fd_filestat_get(fd, *status): 64 bytes, with device, inode,
// file type, links, size and times.
func streamFile(_ *world, mem memory, a []uint64) errno {
	return describeStream(mem, a, 64, 16)
}

func describeStream(mem memory, a []uint64, size, typeAt uint64) errno {
	if !isStream(a[0]) {
		return errnoBadf
	}
	b, ok := mem.at(a[1], size)
	if !ok {
		return errnoFault
	}
	clear(b)
	b[typeAt] = characterDevice
	return errnoSuccess
}
