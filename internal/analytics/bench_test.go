// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package analytics_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/query"
)

// The large community of the benchmarks: 400 days, ten million activities by a million accounts, of which a tenth
// belong to a member with another account, two million conversations.
const (
	bigFacts         = 10_000_000
	bigIdentities    = 1_000_000
	bigConversations = 2_000_000
	bigChannels      = 400
)

var bigStart = time.Date(2024, 11, 1, 0, 0, 0, 0, time.UTC)

const bigDays = 400

// bigColumns builds the large community once.
var bigColumns = sync.OnceValue(func() *analytics.Columns {
	rnd := rand.New(rand.NewPCG(1, 2))
	cols := analytics.NewColumns()
	d := &analytics.Delta{}
	for i := range int64(5) {
		d.Sources = append(d.Sources, analytics.Source{ID: i + 1, Name: fmt.Sprintf("source-%d", i+1), Platform: "slack"})
	}
	for i := range int64(bigChannels) {
		d.Channels = append(d.Channels, analytics.Channel{ID: i + 1, Source: i%5 + 1, Name: fmt.Sprintf("channel-%d", i+1)})
	}
	for i := range int64(bigIdentities) {
		id := analytics.Identity{ID: i + 1, Member: i + 1, Organization: rnd.Int64N(20_000), Country: []string{"DE", "US", "FR", "IN", ""}[rnd.IntN(5)]}
		if i > 10 && rnd.IntN(10) == 0 {
			id.Member = rnd.Int64N(i) + 1
		}
		id.Staff, id.Bot = i%5000 == 7, i%20_000 == 9
		d.Identities = append(d.Identities, id)
	}
	must(cols.Apply(d))
	span := int64(bigDays) * 24 * 3600
	kinds := []greenroom.Kind{greenroom.KindMessage, greenroom.KindReply, greenroom.KindReply, greenroom.KindReaction, greenroom.KindReaction, greenroom.KindJoin, greenroom.KindCommit}
	for start := 0; start < bigFacts; start += 1_000_000 {
		f := &analytics.Facts{}
		for i := range 1_000_000 {
			at := (int64(start+i)*span/bigFacts + rnd.Int64N(3*24*3600)) // roughly in order
			who := int64(float64(bigIdentities) * rnd.Float64() * rnd.Float64())
			must(f.Add(analytics.Fact{
				ID: int64(start + i + 1), At: (bigStart.Unix() + at) * 1e6, Identity: who + 1, Channel: rnd.Int64N(bigChannels) + 1,
				Source: 1, Kind: kinds[rnd.IntN(len(kinds))], Question: rnd.IntN(20) == 0,
			}))
			f.Source[i] = uint32(int64(f.Channel[i]-1)%5 + 1)
		}
		must(cols.Apply(&analytics.Delta{Added: f}))
	}
	var convs []analytics.Conversation
	for i := range int64(bigConversations) {
		opened := (bigStart.Unix() + i*span/bigConversations) * 1e6
		c := analytics.Conversation{
			ID: i*5 + 1, Channel: i%bigChannels + 1, Source: i%bigChannels%5 + 1, Author: rnd.Int64N(bigIdentities) + 1,
			Kind: greenroom.KindMessage, Question: rnd.IntN(3) > 0, OpenedAt: opened, State: greenroom.StateOpen,
		}
		if rnd.IntN(4) > 0 {
			c.FirstResponse = opened + int64(rnd.ExpFloat64()*3600e6*8)
			c.FirstMember = c.FirstResponse
			c.State = greenroom.StateAnswered
		}
		convs = append(convs, c)
	}
	must(cols.Apply(&analytics.Delta{Conversations: convs, AsOf: bigNow()}))
	return cols
})

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func bigNow() time.Time { return bigStart.AddDate(0, 0, bigDays) }

// tenth is a segment of every tenth account.
type tenth struct{ ids []int64 }

func (t tenth) IdentitySet(context.Context, query.Node) ([]int64, error) { return t.ids, nil }

// cpuTime is what the process has used, in all threads: unlike the time on the clock it does not depend on what else
// the machine does.
func cpuTime() time.Duration {
	var u syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkMetric measures every metric by week over the last 12 months of the large community: for everybody, and
// for a segment of a tenth.
func BenchmarkMetric(b *testing.B) {
	if testing.Short() {
		b.Skip("builds ten million activities")
	}
	var seg tenth
	for i := int64(3); i <= bigIdentities; i += 10 {
		seg.ids = append(seg.ids, i)
	}
	clock := bigNow()
	eng := analytics.NewEngine(bigColumns(), analytics.Answers{Members: seg}, func() time.Time { // later each time, so that no result is used again
		clock = clock.Add(10 * time.Second)
		return clock
	})
	champions, err := query.Parse(query.NewSchema(query.Members, nil), "tag:champion")
	must(err)
	berlin, err := time.LoadLocation("Europe/Berlin")
	must(err)
	for _, m := range analytics.Catalog() {
		for _, segment := range []*query.Query{nil, champions} {
			name := m.Name + "/plain"
			if segment != nil {
				name = m.Name + "/segment"
			}
			b.Run(name, func(b *testing.B) {
				req := analytics.Request{
					Metric: m.Name, From: bigNow().AddDate(-1, 0, 0), To: bigNow(), Granularity: analytics.Week, Zone: berlin, Segment: segment,
				}
				var took []time.Duration
				cpu := cpuTime()
				for b.Loop() {
					start := time.Now()
					if _, err := eng.Compute(b.Context(), req); err != nil {
						b.Fatal(err)
					}
					took = append(took, time.Since(start))
				}
				cpu = cpuTime() - cpu
				slices.Sort(took)
				b.ReportMetric(float64(cpu.Microseconds())/1000/float64(len(took)), "cpu-ms")
				b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			})
		}
	}
}
