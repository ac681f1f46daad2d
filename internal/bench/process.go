// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bytes"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// ticks is how many parts of a second Linux counts a process's time in, on every platform that Go runs on.
const ticks = 100

// cpuTime is the time that the process has spent on processors, to ten milliseconds; 0 where there is no /proc.
func cpuTime() time.Duration {
	text, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return 0
	}
	// The name in parentheses may hold anything; user and system time are fields 14 and 15 of the whole, 12 and 13 after it.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)   // 0 where it is no number
	system, _ := strconv.ParseInt(fields[12], 10, 64) // 0 where it is no number
	return time.Duration(user+system) * time.Second / ticks
}

// resetPeak gives free memory back and starts the count of the peak anew.
func resetPeak() {
	runtime.GC()
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o200) // where it is refused, the peak is that of all phases so far
}

// peakMemory is the most memory that the process has held since resetPeak, in bytes; 0 where there is no /proc.
func peakMemory() int64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for l := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(l, "VmHWM:"); ok {
			kb, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64) // 0 where it is no number
			return kb << 10
		}
	}
	return 0
}

// meter measures a phase.
type meter struct {
	began time.Time
	cpu   time.Duration
}

func startMeter(now time.Time) meter {
	resetPeak()
	return meter{began: now, cpu: cpuTime()}
}

// Cost is what a phase took.
type Cost struct {
	Seconds            float64 `json:"seconds"`
	CPUSeconds         float64 `json:"cpu_seconds"`
	PerSecond          float64 `json:"activities_per_second"`
	CPUPerThousand     float64 `json:"cpu_seconds_per_1000_activities"`
	PeakMemory         int64   `json:"peak_memory_bytes"`
	PeakMemoryMegabyte int64   `json:"peak_memory_mb"`
}

func (m *meter) cost(now time.Time, activities int64) Cost {
	return newCost(now.Sub(m.began), cpuTime()-m.cpu, activities)
}

func newCost(took, cpu time.Duration, activities int64) Cost {
	c := Cost{Seconds: took.Seconds(), CPUSeconds: cpu.Seconds(), PeakMemory: peakMemory()}
	c.PeakMemoryMegabyte = c.PeakMemory >> 20
	if activities > 0 {
		c.PerSecond = float64(activities) / took.Seconds()
		c.CPUPerThousand = cpu.Seconds() * 1000 / float64(activities)
	}
	return c
}
