// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/program"
	"greenroom/internal/query"
	"greenroom/internal/store"
	"greenroom/internal/task"
)

// programs makes the service over a store.
func programs(s *store.Store, now func() time.Time) *program.Service {
	return program.New(program.Config{Store: s, Audit: noAudit{}, Log: slog.New(slog.DiscardHandler), Now: now, Zone: func() *time.Location { return time.UTC }})
}

// champions makes a program that runs.
func champions(t *testing.T, p *program.Service) program.Program {
	t.Helper()
	d := program.Templates()[0]
	d.Owner = "ana@acme.example"
	if _, err := p.Add(t.Context(), d, "ana@acme.example"); err != nil {
		t.Fatal(err)
	}
	made, err := p.Start(t.Context(), "champions", "ana@acme.example")
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// inPrograms runs a test on both stores with a community in them and a clock that it moves.
func inPrograms(t *testing.T, f func(t *testing.T, s *store.Store, now *time.Time)) {
	t.Helper()
	for name, dsn := range map[string]func(*testing.T) string{"sqlite": sqliteFile, "postgres": postgresDSN} {
		t.Run(name, func(t *testing.T) {
			now := clock()
			s := openAt(t, dsn(t), func() time.Time { return now })
			clubhouse(t, s)
			f(t, s, &now)
		})
	}
}

// clubhouse is a chat in which some people talk.
func clubhouse(t *testing.T, s *store.Store) {
	t.Helper()
	tell(t, s, "chat", func(out *connector.Sink) {
		for i, name := range []string{"cora", "dan", "eve", "fay"} {
			person(out, name, "Dr. "+name, name+"@"+name+".example")
			post(out, strconv.Itoa(i), name, "1", i, "Hello")
		}
	})
}

// somebody are the ids of members who are neither staff nor bots.
func somebody(t *testing.T, s *store.Store) []int64 {
	t.Helper()
	var ids []int64
	for _, m := range members(t, s, "-is:staff -is:bot") {
		ids = append(ids, m.ID)
	}
	slices.Sort(ids)
	return ids
}

func fits(t *testing.T, s *store.Store, text string, now time.Time) []int64 {
	t.Helper()
	q, err := query.Parse(query.NewSchema(query.Members, nil), text)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := s.SegmentFits(t.Context(), q.Root, now)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return ids
}

// TestProgram goes the whole way of a program: planned, run, proposed, applied, decided, moved, left, erased.
func TestProgram(t *testing.T) {
	inPrograms(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		ids := somebody(t, s)
		now := *clock
		p := programs(s, func() time.Time { return *clock })
		made, err := p.Add(t.Context(), program.Draft{Name: "Beta Club", Sponsor: "cfo@acme.example", Plan: program.Plan{Stages: []program.Stage{{Name: "Invited"}, {Name: "Testing", Steps: []program.Step{{Title: "Report a bug"}}}}, Places: 2, Qualifies: "activities:>=0", Form: []program.Question{{Label: "Why?", Required: true}}}}, "ana")
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Enroll(t.Context(), made.Key, ids[0], "ana", ""); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("a program that is planned enrolls: %v", err)
		}
		if _, err := p.Start(t.Context(), made.Key, "ana"); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("a program with a sponsor starts without approval: %v", err)
		}
		if _, err := p.Approve(t.Context(), made.Key, "cfo@acme.example"); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Start(t.Context(), made.Key, "ana"); err != nil {
			t.Fatal(err)
		}
		proposed, err := p.Propose(t.Context(), made.Key, 0)
		if err != nil || len(proposed) != len(ids) {
			t.Fatalf("%d are proposed of %d: %v", len(proposed), len(ids), err)
		}
		if _, err := p.Apply(t.Context(), made.Key, program.Wish{Member: ids[0], Origin: "form"}, "form"); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("a form without the answer that is needed is taken: %v", err)
		}
		a, err := p.Apply(t.Context(), made.Key, program.Wish{Member: ids[0], Origin: "form", Answers: map[string]string{"why": "I like it"}}, "form")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Apply(t.Context(), made.Key, program.Wish{Member: ids[0]}, "ana"); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("a second open application is taken: %v", err)
		}
		if a, err = p.Decide(t.Context(), a.ID, program.Accepted, program.Admission{}, "ana"); err != nil || a.Verdict != program.Accepted {
			t.Fatalf("%+v %v", a, err)
		}
		day0 := now
		now = now.AddDate(0, 0, 2)
		*clock = now
		if _, err := p.Stage(t.Context(), made.Key, ids[0], "testing", "ready", "ana"); err != nil {
			t.Fatal(err)
		}
		if e, err := p.Step(t.Context(), made.Key, ids[0], "Report a bug", true, "ana"); err != nil || len(e.Done) != 1 {
			t.Errorf("%+v %v", e, err)
		}
		if err := p.Enroll(t.Context(), made.Key, ids[1], "workflow", "answered a survey"); err != nil {
			t.Fatal(err)
		}
		if err := p.Enroll(t.Context(), made.Key, ids[1], "workflow", "again"); err != nil {
			t.Errorf("enrolling again is an error: %v", err)
		}
		if err := p.Enroll(t.Context(), made.Key, ids[2], "ana", ""); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("a third one is taken where there are two places: %v", err)
		}
		for text, want := range map[string][]int64{
			"program:beta-club": {ids[0], ids[1]}, "program:beta-club/testing": {ids[0]}, "program:*": {ids[0], ids[1]}, "program:beta*": {ids[0], ids[1]},
			"program:beta-club@" + day0.Format(time.DateOnly): {ids[0]}, "program:beta-club/invited@" + day0.Format(time.DateOnly): {ids[0]}, "-program:beta-club id:" + strconv.FormatInt(ids[1], 10): nil,
		} {
			if diff := cmp.Diff(want, fits(t, s, text, now)); diff != "" {
				t.Errorf("%s: %s", text, diff)
			}
		}
		if _, err := p.Spend(t.Context(), made.Key, program.Spend{MemberID: ids[0], Amount: 1250, Note: "T-shirt"}, "ana"); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Leave(t.Context(), made.Key, ids[1], "no time", "ana"); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]int64{ids[0]}, fits(t, s, "program:beta-club", now)); diff != "" {
			t.Error(diff)
		}
		history, err := p.History(t.Context(), made.Key, ids[1], 0, 0)
		if err != nil || len(history) != 2 || history[0].What != "left" || history[0].Reason != "no time" {
			t.Errorf("%+v %v", history, err)
		}
		edit := program.Draft{Name: "Beta Club", Plan: program.Plan{Stages: []program.Stage{{Name: "Invited"}}}}
		if _, err := p.Edit(t.Context(), made.Key, edit, "ana"); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("a stage with somebody in it goes: %v", err)
		}
		var data bytes.Buffer
		if err := s.ExportMember(t.Context(), ids[0], &data); err != nil || !strings.Contains(data.String(), "I like it") || !strings.Contains(data.String(), "T-shirt") {
			t.Errorf("the export of a member leaves programs out: %v", err)
		}
		if err := s.EraseMember(t.Context(), ids[0]); err != nil {
			t.Fatal(err)
		}
		if left, err := p.History(t.Context(), made.Key, ids[0], 0, 0); err != nil || len(left) != 0 {
			t.Errorf("after erasing: %v %v", left, err)
		}
		if got, err := p.Spends(t.Context(), made.Key); err != nil || len(got) != 1 || got[0].Note != "" || got[0].Amount != 1250 {
			t.Errorf("after erasing: %+v %v", got, err)
		}
	})
}

// TestProgramRuns makes tasks of a runbook, once for each name.
func TestProgramRuns(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		p := programs(s, clock)
		made := champions(t, p)
		if _, err := p.StartRun(t.Context(), made.Key, "2026 autumn", "ana"); err != nil {
			t.Fatal(err)
		}
		if _, err := p.StartRun(t.Context(), made.Key, "2026 Autumn", "ana"); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("the same run begins twice: %v", err)
		}
		todo, err := s.Tasks(t.Context(), task.Filter{Origin: "program", OriginID: made.ID})
		if err != nil || len(todo) != len(made.Plan.Runbook) || todo[1].DueAt.Sub(todo[0].DueAt) != 7*24*time.Hour || todo[0].Owner != "ana@acme.example" {
			t.Fatalf("%+v %v", todo, err)
		}
		if err := s.FinishTask(t.Context(), todo[0].ID, true, "ana"); err != nil {
			t.Fatal(err)
		}
		runs, err := p.Runs(t.Context(), made.Key)
		if err != nil || len(runs) != 1 || runs[0].Done != 1 || runs[0].Tasks != 4 {
			t.Errorf("%+v %v", runs, err)
		}
		if r, err := p.Review(t.Context(), made.Key, program.Fix, "Too few newcomers.", "ana"); err != nil || r.Decision != program.Fix {
			t.Errorf("%+v %v", r, err)
		}
	})
}

// TestProgramIntervals does things in any order, with members that become one person and are taken apart again, and checks
// that nobody is in a program twice at a time, that stages follow each other without a gap, and that verdicts go only as
// they may.
func TestProgramIntervals(t *testing.T) {
	now := clock()
	s := openAt(t, sqliteFile(t), func() time.Time { return now })
	clubhouse(t, s)
	ids := somebody(t, s)
	p := programs(s, func() time.Time { return now })
	champions(t, p)
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		key := fmt.Sprintf("p%d", n)
		if _, err := p.Add(t.Context(), program.Draft{Name: key, Plan: program.Plan{Stages: []program.Stage{{Name: "a"}, {Name: "b"}, {Name: "c"}}}}, "ana"); err != nil {
			r.Fatal(err)
		}
		if _, err := p.Start(t.Context(), key, "ana"); err != nil {
			r.Fatal(err)
		}
		verdicts := make(map[int64]program.Verdict)
		for range rapid.IntRange(1, 30).Draw(r, "steps") {
			member := rapid.SampledFrom(ids).Draw(r, "member")
			now = now.Add(time.Duration(rapid.IntRange(-2, 5).Draw(r, "minutes")) * time.Minute)
			var err error
			switch rapid.IntRange(0, 5).Draw(r, "what") {
			case 0:
				err = p.Enroll(t.Context(), key, member, "ana", "")
			case 1:
				_, err = p.Stage(t.Context(), key, member, rapid.SampledFrom([]string{"a", "b", "c"}).Draw(r, "stage"), "", "ana")
			case 2:
				_, err = p.Leave(t.Context(), key, member, "", "ana")
			case 3:
				var a program.Application
				if a, err = p.Apply(t.Context(), key, program.Wish{Member: member}, "ana"); err == nil {
					verdicts[a.ID] = program.Open
				}
			case 4, 5:
				for id, was := range verdicts {
					to := rapid.SampledFrom(program.Verdicts()).Draw(r, "verdict")
					if _, err = p.Decide(t.Context(), id, to, program.Admission{Reason: "so"}, "ana"); err == nil {
						if !was.May(to) {
							r.Fatalf("an application went from %s to %s", was, to)
						}
						verdicts[id] = to
					}
					break
				}
			}
			if code := greenroom.ErrorCode(err); err != nil && code != greenroom.CodeConflict && code != greenroom.CodeNotFound && code != greenroom.CodeInvalid {
				r.Fatal(err)
			}
		}
		made, err := p.Get(t.Context(), key)
		if err != nil {
			r.Fatal(err)
		}
		spans, err := s.ProgramSpans(t.Context(), made.ID)
		if err != nil {
			r.Fatal(err)
		}
		open := int64(0)
		for i, a := range spans {
			if a.Until.IsZero() {
				open++
			} else if a.Until.Before(a.Since) {
				r.Fatalf("%+v ends before it begins", a)
			}
			for _, b := range spans[i+1:] {
				if a.Member == b.Member && (a.Until.IsZero() || b.Since.Before(a.Until)) {
					r.Fatalf("%+v and %+v overlap", a, b)
				}
			}
		}
		if open != made.Enrolled {
			r.Fatalf("%d are enrolled, and %d enrollments are open", made.Enrolled, open)
		}
		gaps, err := s.ProgramGaps(t.Context(), made.ID)
		if err != nil || gaps != 0 {
			r.Fatalf("%d stays do not follow each other: %v", gaps, err)
		}
	})
}

// TestProgramMerge has two members of a program become one person: they count once, and later one of the two is ended.
func TestProgramMerge(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		clubhouse(t, s)
		ids := somebody(t, s)
		p := programs(s, clock)
		made := champions(t, p)
		for _, id := range ids[:2] {
			if err := p.Enroll(t.Context(), made.Key, id, "ana", ""); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.MergeMembers(t.Context(), ids[0], ids[1], "", "ana"); err != nil {
			t.Fatal(err)
		}
		settle(t, s, 100)
		if got := fits(t, s, "program:champions", clock()); !slices.Equal(got, ids[:1]) {
			t.Errorf("%v fit; want %v", got, ids[:1])
		}
		in, err := p.Enrollments(t.Context(), program.PeopleFilter{Program: made.ID})
		if err != nil || len(in) != 1 || in[0].MemberID != ids[0] {
			t.Errorf("%+v %v", in, err)
		}
		if made, err = p.Get(t.Context(), made.Key); err != nil || made.Enrolled != 1 {
			t.Errorf("%d enrolled, %v", made.Enrolled, err)
		}
		if _, err := p.Leave(t.Context(), made.Key, ids[0], "", "ana"); err != nil {
			t.Fatal(err)
		}
		if got := fits(t, s, "program:champions", clock()); len(got) != 0 {
			t.Errorf("after leaving, %v are in it", got)
		}
	})
}
