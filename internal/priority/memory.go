// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package priority

import (
	"context"
	"math"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// How often memory is collected depends on the share of what there is that may be in use before it is: where that is little, each
// collection may wait for twice as much as is in use, rather than for half of it. A collection takes both processors of a small machine for a
// second where gigabytes are in use, and who opens a page meanwhile waits.
const (
	mostGrowth  = 200 // percent
	memoryShare = 4   // the part of memory that the heap may have with more than the usual growth, which is that of the process
	growthEvery = 10 * time.Second
	growthStep  = 10 // less of a change is not worth stopping the world for
)

// Memory sees to how often memory is collected, until ctx ends. Where GOGC says it, it is left at that.
func Memory(ctx context.Context) {
	if _, said := os.LookupEnv("GOGC"); said {
		return
	}
	total, err := memlimit.ApplyFallback(memlimit.FromCgroup, memlimit.FromSystem)()
	if err != nil {
		return // nobody knows how much there is
	}
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	usual := debug.SetGCPercent(mostGrowth)
	now := mostGrowth
	defer debug.SetGCPercent(usual)
	tick := time.NewTicker(growthEvery)
	defer tick.Stop()
	for {
		metrics.Read(live)
		if g := growth(live[0].Value.Uint64(), total, usual); max(g-now, now-g) >= growthStep {
			now = g
			debug.SetGCPercent(g)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// growth is by how many percent the heap may grow, with so many bytes in use and in all: usual at the least.
func growth(live, total uint64, usual int) int {
	if live == 0 {
		return mostGrowth
	}
	g := (float64(total)/memoryShare/float64(live) - 1) * 100 //nolint:mnd // percent
	return int(math.Min(math.Max(g, float64(usual)), mostGrowth))
}
