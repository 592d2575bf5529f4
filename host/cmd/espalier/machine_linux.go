package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// availableMemory is what the kernel says can be had without swapping, in
// bytes.
func availableMemory() (int64, bool) { return meminfo("MemAvailable") }

// meminfo is a size that the kernel reports, in bytes.
func meminfo(field string) (int64, bool) {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0, false
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		var kib int64
		if n, _ := fmt.Sscanf(s.Text(), field+": %d kB", &kib); n == 1 {
			return kib << 10, true
		}
	}
	return 0, false
}

// totalMemory is the memory of the machine, or of the control group that this
// process is in, in bytes.
func totalMemory() (int64, bool) {
	total, known := meminfo("MemTotal")
	for _, limit := range groupLimits() {
		if !known || limit < total {
			total, known = limit, true
		}
	}
	return total, known
}

// groupLimits are the memory limits of this process's control group and of
// those around it.
func groupLimits() []int64 {
	groups, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return nil
	}
	var limits []int64
	for _, line := range strings.Split(string(groups), "\n") {
		// Number, controllers, path; without controllers it is version 2.
		fields := strings.SplitN(line, ":", 3)
		if len(fields) < 3 {
			continue
		}
		root, file := "/sys/fs/cgroup", "memory.max"
		if fields[1] == "memory" {
			root, file = "/sys/fs/cgroup/memory", "memory.limit_in_bytes"
		} else if fields[1] != "" {
			continue
		}
		for group := fields[2]; ; group = filepath.Dir(group) {
			text, err := os.ReadFile(filepath.Join(root, group, file))
			if limit, bad := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && bad == nil {
				limits = append(limits, limit)
			}
			if group == "/" || group == "." {
				break
			}
		}
	}
	return limits
}

// processorName is the model of the first processor.
func processorName() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if name, value, ok := strings.Cut(s.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}
