// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// invented makes n identities of people who do not exist: syllables for
// family names, a few hundred given names, one to eight accounts a person,
// written in the ways that people write themselves.
func invented(n int, seed uint64) []Record {
	rng := rand.New(rand.NewPCG(seed, 7))
	given := strings.Fields(commonGivenText)
	syllables := strings.Fields("ba be bo da den dor fa fel gar gren ha hol in jan ka kel lam lin ma mer mon na nor pa pel qui ra ren ros sa sel sten ta tor va ven wal yor za zel")
	word := func(k int) string {
		var b strings.Builder
		for range k {
			b.WriteString(syllables[rng.IntN(len(syllables))])
		}
		return b.String()
	}
	zones := []string{"-0700", "-0500", "+0100", "+0200", "+0530", "+0800", "+0000"}
	records := make([]Record, 0, n)
	for len(records) < n {
		g := given[min(rng.IntN(len(given)), rng.IntN(len(given)))]
		f := word(3 + rng.IntN(2))
		company := word(2+rng.IntN(2)) + ".com"
		login := []string{g[:1] + f, g + f, f, word(3), g + f[:1]}[rng.IntN(5)]
		zone := zones[rng.IntN(len(zones))]
		start := time.Date(2005+rng.IntN(20), 1, 1, 0, 0, 0, 0, time.UTC)
		accounts := 1 + rng.IntN(2)
		if rng.IntN(10) == 0 {
			accounts = 2 + rng.IntN(7)
		}
		for k := range accounts {
			name := []string{g + " " + f, g + " " + f, strings.ToUpper(f) + " " + g, login, g[:1] + ". " + f}[rng.IntN(5)]
			addr := []string{
				login + "@gmail.com", g + "." + f + "@" + company, login + "@" + company,
				fmt.Sprintf("%d+%s@users.noreply.github.com", 1000+rng.IntN(1<<27), login), g + "@" + f + ".org",
			}[rng.IntN(5)]
			records = append(records, Record{
				ID: fmt.Sprintf("i%07d", len(records)), Names: []string{name}, Emails: []Email{{Address: addr}},
				TimeZone: zone, FirstSeen: start.AddDate(k, 0, 0), LastSeen: start.AddDate(k, 8, 0),
			})
			if len(records) == n {
				break
			}
		}
	}
	return records
}

func BenchmarkResolve(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			if n > 100_000 && testing.Short() {
				b.Skip("a million identities take a while")
			}
			records := invented(n, 1)
			engine := newEngine(b, Config{})
			for b.Loop() {
				engine.Resolve(records, nil)
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/float64(n)*1e6, "µs/identity")
		})
	}
}

// BenchmarkLiveAdd asks about one newcomer and adds it, time after time.
func BenchmarkLiveAdd(b *testing.B) {
	for _, n := range []int{10_000, 1_000_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			if n > 100_000 && testing.Short() {
				b.Skip("a million identities take a while")
			}
			live, err := newEngine(b, Config{}).Index(invented(n, 1), nil, nil)
			if err != nil {
				b.Fatal(err)
			}
			newcomers := invented(20_000, 2)
			var took []time.Duration
			i := 0
			for b.Loop() {
				rec := newcomers[i%len(newcomers)]
				rec.ID = fmt.Sprintf("n%d", i)
				start := time.Now()
				live.Candidates(rec)
				if _, err := live.Add(rec); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
				i++
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}

func BenchmarkJudge(b *testing.B) {
	r := newEngine(b, Config{}).Resolve(invented(2000, 1), nil)
	i := 0
	for b.Loop() {
		r.model.judge(&r.profiles[i%2000], &r.profiles[(i*7+1)%2000])
		i++
	}
}

func newEngine(tb testing.TB, cfg Config) *Engine {
	tb.Helper()
	e, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return e
}
