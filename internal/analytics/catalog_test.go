// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/query"
)

var update = flag.Bool("update", false, "write docs/metrics.md anew")

// document is docs/metrics.md, made from the catalog.
func document() string {
	var sb strings.Builder
	sb.WriteString(`# Metrics

Every figure that Greenroom shows, from the catalog in ` + "`internal/analytics`" + `. This page is made from it: run
` + "`go test ./internal/analytics -run Document -update`" + ` after changing a definition.

What holds for all of them:

- **Members, not accounts.** An activity points at an account; accounts that are one person count once, also in the past
  as soon as they are merged.
- **Left out** are the team, bots, members hidden by the team and contacts who are known only from business systems,
  unless asked for; each result says how many these were. Hidden channels and deleted activities never count.
- **Kinds.** Only activities that are a deliberate act of the person count (joining, leaving, being given a role and
  using the product are none), unless the query names kinds.
- **A query** narrows what counts, and everything is computed from what remains: with ` + "`channel:#help`" + ` a new member is one
  who is new to that channel. Metrics over conversations take a query about conversations.
- **Periods** are days, ISO weeks (from Monday on), months and quarters in the time zone asked for, or the range as a
  whole. A period that is not over yet, or is cut by the range, is marked partial.
- **A share** is a number from 0 to 1, and comes with its Wilson 95 % interval where that makes sense.
- **Change** is (current - previous) / previous, and "n/a" where the previous figure is 0.
- **Groups.** A breakdown shows the largest groups and, where figures of groups add up to that for all, "other".

`)
	for _, m := range analytics.Catalog() {
		fmt.Fprintf(&sb, "## %s\n\n`%s` · version %d · %s", m.Label, m.Name, m.Version, m.Unit)
		if m.Lower {
			sb.WriteString(" · lower is better")
		}
		fmt.Fprintf(&sb, "\n\n%s\n\n- Formula: %s\n- Source: [%s](%s)\n- Query about: %s\n", m.Definition, m.Formula, m.Source, m.SourceURL, m.Entity)
		var by []string
		for _, d := range m.Breakdowns {
			by = append(by, string(d))
		}
		fmt.Fprintf(&sb, "- Breakdowns: %s\n\n", strings.Join(by, ", "))
	}
	return strings.TrimRight(sb.String(), "\n") + "\n"
}

func TestDocument(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "metrics.md")
	if *update {
		if err := os.WriteFile(path, []byte(document()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(have), document()); diff != "" {
		t.Errorf("docs/metrics.md is out of date; run go test ./internal/analytics -run Document -update\n%s", diff)
	}
}

func TestCatalogIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range analytics.Catalog() {
		if seen[m.Name] {
			t.Errorf("%s stands twice", m.Name)
		}
		seen[m.Name] = true
		for what, text := range map[string]string{
			"label": m.Label, "unit": string(m.Unit), "definition": m.Definition, "formula": m.Formula, "source": m.Source, "entity": string(m.Entity),
		} {
			if text == "" {
				t.Errorf("%s has no %s", m.Name, what)
			}
		}
		if m.Version < 1 || !strings.HasPrefix(m.SourceURL, "https://") || !strings.HasSuffix(m.Definition, ".") {
			t.Errorf("%s: version %d, source %s, definition %q", m.Name, m.Version, m.SourceURL, m.Definition)
		}
	}
	if m, err := analytics.Lookup(" Active-Members"); err != nil || m.Name != "active_members" {
		t.Errorf("got %v, %v", m, err)
	}
	if _, err := analytics.Lookup("gravity"); greenroom.ErrorCode(err) != greenroom.CodeNotFound {
		t.Errorf("got %v", err)
	}
}

func TestRequestsThatMakeNoSense(t *testing.T) {
	eng := analytics.NewEngine(analytics.NewColumns(), analytics.Answers{}, time.Now)
	good := analytics.Request{Metric: "active_members", From: bigDay(2026, 3, 1), To: bigDay(2026, 4, 1), Granularity: analytics.Week}
	for want, change := range map[string]func(r *analytics.Request){
		"there is no granularity":     func(r *analytics.Request) { r.Granularity = "fortnight" },
		"ends (2026-03-01) before":    func(r *analytics.Request) { r.To = bigDay(2026, 3, 1) },
		"needs periods":               func(r *analytics.Request) { r.Metric, r.Granularity = "retention", analytics.Total },
		"cannot be broken down":       func(r *analytics.Request) { r.Breakdown = "mood" },
		"more than 4000 periods":      func(r *analytics.Request) { r.From, r.Granularity = bigDay(1990, 1, 1), analytics.Day },
		"number of groups":            func(r *analytics.Request) { r.Options.Groups = 1000 },
		"by staff or by a member":     func(r *analytics.Request) { r.Options.By = "cat" },
		"cannot be narrowed by tag:x": func(r *analytics.Request) { r.Query = parse(t, query.Activities, "tag:x") },
		"cannot be narrowed by words": func(r *analytics.Request) { r.Query = parse(t, query.Activities, "words") },
	} {
		r := good
		change(&r)
		_, err := eng.Compute(t.Context(), r)
		if greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if res, err := eng.Compute(t.Context(), good); err != nil || len(res.Series) != 6 || *res.Series[0].Value != 0 {
		t.Errorf("empty: %v, %v", res, err)
	}
}

func bigDay(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func parse(t *testing.T, e query.Entity, text string) *query.Query {
	t.Helper()
	var kinds []string
	for _, k := range greenroom.Kinds() {
		kinds = append(kinds, k.String())
	}
	q, err := query.Parse(query.NewSchema(e, kinds), text)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// TestRecords checks the queries that points open to, and that they parse as they are.
func TestRecords(t *testing.T) {
	cols := analytics.NewColumns()
	if err := cols.Apply(&analytics.Delta{Identities: []analytics.Identity{{ID: 1, Member: 1, Staff: true}, {ID: 2, Member: 2, Contact: true}}}); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 11, 12, 0, 0, 0, time.UTC)
	eng := analytics.NewEngine(cols, analytics.Answers{}, func() time.Time { return now })
	from := bigDay(2026, 3, 2)
	one := 1
	active := "did:message,reply,question,answer,accepted_answer,comment,reaction,vote,issue,pull_request,merge,review,close,reopen,moderation," +
		"commit,push,branch,release,star,fork,wiki,discussion,follow,attendance,survey_answer,announcement,file"
	for _, tc := range []struct {
		req    analytics.Request
		query  string
		point  analytics.Point
		entity query.Entity
		want   string
	}{
		{
			analytics.Request{Metric: "activities"},
			"",
			analytics.Point{},
			query.Activities,
			"occurred:2026-03-02..2026-03-08 -kind:join,leave,usage,membership -is:staff -member.is:contact",
		},
		{
			analytics.Request{Metric: "activities", Granularity: analytics.Day},
			"kind:join in:#help or webhook",
			analytics.Point{To: bigDay(2026, 3, 3)},
			query.Activities,
			"occurred:2026-03-02 (kind:join channel:help or webhook) -is:staff -member.is:contact",
		},
		{
			analytics.Request{Metric: "activities", Breakdown: analytics.ByOrganization, Options: analytics.Options{Staff: true}},
			"kind:issue",
			analytics.Point{Group: "Acme", GroupID: 7, To: from.Add(90 * time.Minute)},
			query.Activities,
			"occurred:2026-03-02..2026-03-02T01:29:59 kind:issue org.id:7 -member.is:contact",
		},
		{
			analytics.Request{Metric: "active_members"},
			"kind:message channel:#help tag:champion",
			analytics.Point{},
			query.Members,
			"did:message in:help since:2026-03-02 until:2026-03-08 tag:champion -is:staff",
		},
		{
			analytics.Request{Metric: "active_members"},
			"-channel:#help",
			analytics.Point{},
			query.Activities,
			"occurred:2026-03-02..2026-03-08 -kind:join,leave,usage,membership -channel:help -is:staff -member.is:contact",
		},
		{
			analytics.Request{Metric: "new_members", Segment: parse(t, query.Members, "did:reply or name:ana")},
			"",
			analytics.Point{},
			query.Members,
			active + " since:2026-03-02 until:2026-03-08 -" + active + " until:2026-03-01 (did:reply or name:ana) -is:staff",
		},
		{
			analytics.Request{Metric: "members", Breakdown: analytics.ByCountry},
			"",
			analytics.Point{Group: "DE"},
			query.Members,
			"(first_active:<=2026-03-08 or joined:<=2026-03-08) country:DE -is:staff",
		},
		{
			analytics.Request{Metric: "occasional_contributors"},
			"kind:message,reply channel:#help",
			analytics.Point{},
			query.Members,
			"did:reply in:help since:2026-03-02 until:2026-03-08 count:1..3 -is:staff",
		},
		{
			analytics.Request{Metric: "elephant_factor"},
			"",
			analytics.Point{},
			query.Activities,
			"occurred:2026-03-02..2026-03-08 kind:reply,answer,accepted_answer,comment,issue,pull_request,merge,review,commit,push,release,wiki has:org -is:staff -member.is:contact",
		},
		{
			analytics.Request{Metric: "answered_by_members"},
			"",
			analytics.Point{},
			query.Conversations,
			"opened:2026-03-02..2026-03-08 is:question -is:ignored responder:member -is:staff -member.is:contact",
		},
		{
			analytics.Request{Metric: "gone_quiet"},
			"kind:star",
			analytics.Point{},
			query.Members,
			"did:star since:2026-02-23 until:2026-03-01 -did:star since:2026-03-02 until:2026-03-08 -is:staff",
		},
		{
			analytics.Request{Metric: "resurrected_members"},
			"kind:star",
			analytics.Point{},
			query.Members,
			"did:star since:2026-03-02 until:2026-03-08 -did:star since:2026-02-23 until:2026-03-01 did:star until:2026-02-22 -is:staff",
		},
		{
			analytics.Request{Metric: "retention"},
			"kind:star",
			analytics.Point{Offset: &one},
			query.Members,
			"did:star since:2026-03-02 until:2026-03-08 -did:star until:2026-03-01 did:star since:2026-03-09 until:2026-03-15 -is:staff",
		},
		{
			analytics.Request{Metric: "monthly_active"},
			"kind:star",
			analytics.Point{To: bigDay(2026, 3, 16)},
			query.Members,
			"did:star since:2026-02-12 until:2026-03-11 -is:staff",
		},
		{
			analytics.Request{Metric: "answered_share", Segment: parse(t, query.Members, "tag:champion")},
			"state:open",
			analytics.Point{},
			query.Conversations,
			"opened:2026-03-02..2026-03-08 is:question -is:ignored has:first_response state:open tag:champion -is:staff -member.is:contact",
		},
		{
			analytics.Request{Metric: "response_within_target"},
			"",
			analytics.Point{},
			query.Conversations,
			"opened:2026-03-02..2026-03-08 is:question -is:ignored first_response:<=24h -is:staff -member.is:contact",
		},
		{
			analytics.Request{Metric: "unanswered", Breakdown: analytics.ByChannel},
			"",
			analytics.Point{Group: analytics.OtherGroup},
			query.Conversations,
			"opened:2026-03-02..2026-03-08 is:question is:open -channel:help -is:staff -member.is:contact",
		},
	} {
		m, err := analytics.Lookup(tc.req.Metric)
		if err != nil {
			t.Fatal(err)
		}
		if tc.query != "" {
			tc.req.Query = parse(t, m.Entity, tc.query)
		}
		tc.req.From, tc.req.To = from, from.AddDate(0, 0, 21)
		if tc.req.Granularity == "" {
			tc.req.Granularity = analytics.Week
		}
		tc.point.From = from
		if tc.point.To.IsZero() {
			tc.point.To = from.AddDate(0, 0, 7)
		}
		res := &analytics.Result{Series: []analytics.Point{tc.point}}
		if tc.point.Group == analytics.OtherGroup {
			res.Series = append(res.Series, analytics.Point{Group: "help"})
		}
		entity, text, err := eng.Records(tc.req, res, 0)
		if err != nil || entity != tc.entity || text != tc.want {
			t.Errorf("%s %s:\ngot  %s %s %v\nwant %s %s", tc.req.Metric, tc.query, entity, text, err, tc.entity, tc.want)
			continue
		}
		if again := parse(t, entity, text).String(); again != text {
			t.Errorf("%s\nparses as\n%s", text, again)
		}
	}
	if _, _, err := eng.Records(analytics.Request{Metric: "activities", Granularity: analytics.Week, Segment: parse(t, query.Members, "did:reply")},
		&analytics.Result{Series: []analytics.Point{{From: from, To: now}}}, 0); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("got %v", err)
	}
}

// TestReadersDoNotSeeHalfOfAChange reads while changes are applied: each change adds as many members as activities.
func TestReadersDoNotSeeHalfOfAChange(t *testing.T) {
	cols := analytics.NewColumns()
	start := bigDay(2026, 1, 1)
	if err := cols.Apply(&analytics.Delta{Sources: []analytics.Source{{ID: 1, Name: "s"}}, AsOf: start}); err != nil {
		t.Fatal(err)
	}
	eng := analytics.NewEngine(cols, analytics.Answers{}, func() time.Time { return start.AddDate(1, 0, 0) })
	done := make(chan error)
	go func() {
		for n := range int64(300) {
			d := &analytics.Delta{Added: &analytics.Facts{}}
			for k := range 1 + n%20 {
				id := n*20 + k + 1
				must(d.Added.Add(analytics.Fact{ID: id, At: start.UnixMicro() + (id*7919%8_000_000)*1e6, Identity: id, Source: 1, Channel: n, Kind: greenroom.KindReply}))
				d.Identities = append(d.Identities, analytics.Identity{ID: id, Member: id})
				d.Conversations = append(d.Conversations, analytics.Conversation{ID: id * 7919 % 100_003, Author: id, Source: 1, Question: true, OpenedAt: start.UnixMicro()})
			}
			if err := cols.Apply(d); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for {
		var got []int64
		for _, m := range []string{"active_members", "activities"} {
			res, err := eng.Compute(t.Context(), analytics.Request{Metric: m, From: start, To: start.AddDate(0, 6, 0), Granularity: analytics.Total, Breakdown: analytics.BySource})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range res.Series {
				got = append(got, p.Count)
			}
		}
		if len(got) == 2 && got[0] > got[1] || !slices.Contains([]int{0, 1, 2}, len(got)) {
			t.Fatalf("members and activities: %v", got)
		}
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			return
		default:
		}
	}
}
