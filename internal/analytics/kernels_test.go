// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
)

// TestKaplanMeier uses the remission times of Freireich and others, 1963, which every textbook works out: 21 patients on
// 6-MP, in weeks, + where the remission went on. S falls to 0.5378 after 16 weeks, 0.4482 after 23 and stays there.
func TestKaplanMeier(t *testing.T) {
	const week = 1_000_000
	ended := []int64{6, 6, 6, 7, 10, 13, 16, 22, 23}
	left := []int64{6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35}
	var d durations
	for _, w := range ended {
		d = append(d, duration(w*week, true))
	}
	for _, w := range left {
		d = append(d, duration(w*week, false))
	}
	rand.Shuffle(len(d), func(i, j int) { d[i], d[j] = d[j], d[i] })
	// 1 - S: 0.1429 at 6, 0.1933 at 7, 0.2471 at 10, 0.3098 at 13, 0.3725 at 16, 0.4622 at 22, 0.5518 at 23.
	got := d.quantiles(0.14, 0.15, 0.25, 0.37, 0.4, 0.5, 0.56, 0.9)
	want := []float64{6, 7, 13, 16, 22, 23, math.NaN(), math.NaN()}
	for i, w := range want {
		if math.IsNaN(w) != (got[i] == nil) || got[i] != nil && *got[i] != w {
			t.Errorf("quantile %d: got %v, want %v", i, got[i], w)
		}
	}
	// Without anybody who still waits it is the plain quantile.
	plain := durations{duration(1*week, true), duration(2*week, true), duration(3*week, true), duration(4*week, true)}
	if got := plain.quantiles(0.5, 0.9); *got[0] != 2 || *got[1] != 4 {
		t.Errorf("plain: %v %v", *got[0], *got[1])
	}
}

// TestAbsenceFactor is the example of CHAOSS's definition.
func TestAbsenceFactor(t *testing.T) {
	var s spread
	for _, n := range []uint32{1000, 202, 90, 33, 332, 343, 42, 433} {
		s.add(n)
	}
	if got := s.half(); got != 2 {
		t.Errorf("half by %d members, want 2", got)
	}
	if got := s.top(3); got != 1776 {
		t.Errorf("top 3 have %d, want 1776", got)
	}
	var even spread
	for range 7 {
		even.add(3)
	}
	if got := even.half(); got != 4 {
		t.Errorf("half of seven equals by %d members, want 4", got)
	}
}

func TestChange(t *testing.T) {
	v := func(f float64) *float64 { return &f }
	for _, tc := range []struct{ current, previous, want *float64 }{
		{v(150), v(100), v(0.5)}, {v(50), v(100), v(-0.5)}, {v(1), v(0), nil}, {nil, v(1), nil}, {v(1), nil, nil}, {v(0), v(4), v(-1)},
	} {
		if diff := cmp.Diff(tc.want, Change(tc.current, tc.previous)); diff != "" {
			t.Error(diff)
		}
	}
}

// TestPeriodsFollowTheCalendar walks through years of days in zones with awkward clocks: each quarter of an hour lies in
// the day that the calendar gives it, and the days join without a gap.
func TestPeriodsFollowTheCalendar(t *testing.T) {
	for _, name := range []string{
		"UTC", "Europe/Berlin", "America/Sao_Paulo", "America/Havana", "Asia/Beirut", "Asia/Kathmandu", "Australia/Lord_Howe",
		"Pacific/Apia", "Africa/Cairo", "America/St_Johns", "Asia/Tehran", "America/Asuncion",
	} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		from, to := time.Date(2010, 12, 30, 12, 0, 0, 0, zone), time.Date(2019, 7, 1, 12, 0, 0, 0, zone)
		days, err := Day.periods(from, to, true)
		if err != nil {
			t.Fatal(err)
		}
		for i, d := range days {
			if i > 0 && !days[i-1].To.Equal(d.From) {
				t.Fatalf("%s: a gap between %s and %s", name, days[i-1].To, d.From)
			}
			date := d.From.Format(time.DateOnly)
			for at := d.From; at.Before(d.To); at = at.Add(15 * time.Minute) {
				if at.Format(time.DateOnly) != date {
					t.Fatalf("%s: %s lies in the day of %s", name, at, d.From)
				}
			}
			if d.To.Format(time.DateOnly) == date {
				t.Fatalf("%s: the day of %s ends early, at %s", name, d.From, d.To)
			}
		}
	}
}

func TestPeriods(t *testing.T) {
	date := func(m time.Month, d int) time.Time { return time.Date(2026, m, d, 0, 0, 0, 0, time.UTC) }
	list := func(g Granularity, from, to time.Time, whole bool) string {
		all, err := g.periods(from, to, whole)
		if err != nil {
			t.Fatal(err)
		}
		var sb strings.Builder
		for _, p := range all {
			sb.WriteString(p.From.Format("2.1.") + "-" + p.To.Format("2.1.") + " ")
			if p.cut {
				sb.WriteString("cut ")
			}
		}
		return sb.String()
	}
	for _, tc := range []struct {
		g        Granularity
		from, to time.Time
		whole    bool
		want     string
	}{
		{Week, date(3, 4), date(3, 17), false, "4.3.-9.3. cut 9.3.-16.3. 16.3.-17.3. cut "},
		{Week, date(3, 4), date(3, 17), true, "2.3.-9.3. 9.3.-16.3. 16.3.-23.3. "},
		{Month, date(1, 1), date(3, 1), false, "1.1.-1.2. 1.2.-1.3. "},
		{Quarter, date(2, 1), date(4, 2), true, "1.1.-1.4. 1.4.-1.7. "},
		{Total, date(2, 3), date(4, 2), false, "3.2.-2.4. "},
	} {
		if got := list(tc.g, tc.from, tc.to, tc.whole); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.g, got, tc.want)
		}
	}
	for _, to := range []time.Time{date(1, 1), date(1, 1).AddDate(20, 0, 0)} {
		if _, err := Day.periods(date(1, 1), to, false); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("up to %s: %v", to, err)
		}
	}
}

// TestRuns sorts, merges and takes out large random batches.
func TestRuns(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	place := func(_, channel uint32) uint32 { return channel }
	var runs []*run
	var want []uint64
	key := func(at, who uint32) uint64 { return uint64(at)<<32 | uint64(who) }
	for n := range 30 {
		f := &Facts{}
		for range 1 + rnd.IntN(4000*(n%5)+5) {
			at, who := rnd.Int64N(100_000), rnd.Int64N(50)
			if err := f.Add(Fact{At: at * 1e6, Identity: who, Channel: who % 7, Kind: greenroom.KindReply}); err != nil {
				t.Fatal(err)
			}
			want = append(want, key(uint32(at), uint32(who)))
		}
		runs = addRun(runs, sortedRun(f, place))
	}
	if len(runs) > 8 {
		t.Errorf("%d runs, want few", len(runs))
	}
	rnd.Shuffle(len(want), func(i, j int) { want[i], want[j] = want[j], want[i] })
	m := &remover{runs: slices.Clone(runs), copied: make(map[int]bool)}
	kind := kindByte(uint8(greenroom.KindReply), 0)
	for _, k := range want[:500] {
		if at, who := uint32(k>>32), uint32(k); !m.remove(at, who, who%7, kind, 0) {
			t.Fatalf("%d %d is not there", at, who)
		}
	}
	if m.remove(5, 51, 2, kind, 0) {
		t.Error("took out what was never put in")
	}
	var got []uint64
	for i, r := range m.runs {
		if !slices.IsSorted(r.at) {
			t.Errorf("run %d is not sorted", i)
		}
		for j := range r.len() {
			if r.kind[j] != kindDead {
				got = append(got, key(r.at[j], r.who[j]))
			}
		}
	}
	want = want[500:]
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%d activities left, want %d", len(got), len(want))
	}
}

// TestConversations puts many in any order, some of them again.
func TestConversations(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	var all conversations
	want := make(map[int64]int64)
	for n := range int64(40) {
		var batch []Conversation
		for range rnd.IntN(1500) {
			id := rnd.Int64N(20_000) + 1
			batch = append(batch, Conversation{ID: id, OpenedAt: n*1000 + id})
			want[id] = n*1000 + id
		}
		old := all
		kept := old.total
		all = all.put(batch, func(_, _ uint32) uint32 { return 0 })
		if old.total != kept {
			t.Fatal("the old image changed")
		}
	}
	got, last := make(map[int64]int64), int64(0)
	for _, chunk := range all.chunks {
		for i := range chunk {
			if chunk[i].id <= last {
				t.Fatalf("%d stands after %d", chunk[i].id, last)
			}
			last = chunk[i].id
			got[last] = chunk[i].opened
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || all.total != len(want) {
		t.Errorf("%d conversations, want %d: %s", all.total, len(want), diff)
	}
}

// TestCountsBeyondAByte counts members with few and with very many activities, on one account and on several.
func TestCountsBeyondAByte(t *testing.T) {
	cols := NewColumns()
	f := &Facts{}
	at := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for identity, n := range map[int64]int{1: 255, 2: 256, 3: 1000, 4: 511, 5: 513, 6: 1, 7: 254} {
		for range n {
			if err := f.Add(Fact{At: at.UnixMicro(), Identity: identity, Source: 1, Kind: greenroom.KindReply}); err != nil {
				t.Fatal(err)
			}
		}
	}
	d := &Delta{Added: f, Sources: []Source{{ID: 1, Name: "s"}}}
	for i := int64(1); i <= 6; i++ {
		d.Identities = append(d.Identities, Identity{ID: i, Member: max(i, 2)}) // 1 and 2 are one; nobody knows 7
	}
	if err := cols.Apply(d); err != nil {
		t.Fatal(err)
	}
	eng := NewEngine(cols, Answers{}, func() time.Time { return at.AddDate(0, 1, 0) })
	req := Request{Metric: "top_share", From: at, To: at.AddDate(0, 0, 14), Granularity: Week}
	res, err := eng.Compute(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if p := res.Series[0]; p.Count != 2536 || p.N != 2536 || res.Series[1].Value != nil {
		t.Errorf("%d of %d, want 2536: %+v", p.Count, p.N, res.Series[1])
	}
	// 1000, 513, 511, 511, 1: half of 2536 is 1268.
	req.Metric = "contributor_concentration"
	if res, err = eng.Compute(t.Context(), req); err != nil || res.Series[0].Count != 2 || res.Series[0].N != 5 {
		t.Errorf("%+v, %v; want 2 of 5", res.Series[0], err)
	}
}

// TestEachOf wants what is found by positions to be what is found by going through everybody's: in runs short and long, after
// activities were taken out, read and merged, of one account, several and none, in spans and all time.
func TestEachOf(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	const identities = 400
	batch := func(n int) *run {
		f := &Facts{}
		for range n {
			who := rnd.Int64N(identities * 3 / 4) // the last ones did nothing
			if err := f.Add(Fact{At: rnd.Int64N(1000) * 1e6, Identity: who, Channel: who % 3, Kind: greenroom.Kind(1 + rnd.IntN(20))}); err != nil {
				t.Fatal(err)
			}
		}
		return sortedRun(f, func(_, channel uint32) uint32 { return channel })
	}
	f := &filter{times: complement([]span{{400, 450}}), who: newBitset(identities), places: newBitset(3)}
	f.setKinds(false)
	f.who.fill()
	f.who.unset(7)
	f.places.set(0)
	f.places.set(2)
	n := &near{}
	compare := func(what string) {
		t.Helper()
		for _, own := range [][]uint32{nil, {5}, {7}, {5, 7, 9}, {0, identities - 1}, {1, 2, 3, 4, 6, 8, 299}} {
			for _, s := range []span{{0, endOfTime}, {100, 900}, {420, 440}, {999, 1000}} {
				var want, got []string
				for _, p := range n.pieces(f, s) {
					f.each(p, func(r *run, i int) {
						if slices.Contains(own, r.who[i]) {
							want = append(want, fmt.Sprint(r.len(), r.at[i], r.who[i], r.kind[i], r.place[i]))
						}
					})
				}
				n.eachOf(f, own, s, func(r *run, i int) { got = append(got, fmt.Sprint(r.len(), r.at[i], r.who[i], r.kind[i], r.place[i])) })
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("%s: of %v in %v (-all +alone):\n%s", what, own, s, diff)
				}
			}
		}
	}
	compare("nothing")
	n.runs = addRun(n.runs, batch(shortRun+5000))
	n.runs = addRun(n.runs, batch(3000))
	compare("a long run and a short one")
	m := &remover{runs: slices.Clone(n.runs), copied: make(map[int]bool)}
	for _, r := range n.runs {
		for i := 0; i < r.len(); i += 3 {
			if !m.remove(r.at[i], r.who[i], r.place[i], r.kind[i], 0) {
				t.Fatal("it is not there")
			}
		}
	}
	n.runs = m.runs
	compare("after some were taken out")
	n.runs = addRun(n.runs, batch(2*shortRun))
	if len(n.runs) != 1 {
		t.Fatalf("%d runs, want one", len(n.runs))
	}
	compare("after merging")
}

// TestAccounts finds the identities of members among those of others.
func TestAccounts(t *testing.T) {
	p := (&people{}).grown(6)
	for id, member := range []int64{0, 3, 1, 3, 0, 2} {
		if id > 0 {
			p.put(&Identity{ID: int64(id), Member: member})
		}
	}
	for member, want := range map[int64][]uint32{-1: nil, 0: nil, 1: {2}, 2: {5}, 3: {1, 3}, 4: nil, 1 << 33: nil} {
		if got := p.accounts(member); !slices.Equal(got, want) {
			t.Errorf("member %d: %v, want %v", member, got, want)
		}
	}
}
