// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package health_test

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/health"
	"greenroom/internal/list"
	"greenroom/internal/orbit"
	"greenroom/internal/query"
)

var now = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// shelf stands in for the record store: members are called m1, m2 ...; scores are kept as they are put.
type shelf struct {
	versions []greenroom.ScoreVersion
	scores   map[string]map[int64]greenroom.Score
	fields   map[int64]map[string]string
	ties     []greenroom.Tie
	waiting  []greenroom.Conversation
	asked    string
}

func (s *shelf) Ties(context.Context, time.Time) ([]greenroom.Tie, error) { return s.ties, nil }

func (s *shelf) FirstResponders(context.Context, time.Time) (map[int64]int64, error) {
	return map[int64]int64{2: 3}, nil
}

func (s *shelf) ListConversations(_ context.Context, req list.Request) (list.Page[greenroom.Conversation], error) {
	s.asked = req.Query.String()
	return list.Page[greenroom.Conversation]{Items: s.waiting, Total: int64(len(s.waiting))}, nil
}

func (s *shelf) ListMembers(_ context.Context, req list.Request) (list.Page[greenroom.Member], error) {
	var p list.Page[greenroom.Member]
	if t, ok := req.Query.Root.(*query.Term); ok && t.Field.Attr == "id" {
		for _, v := range t.Values {
			id, err := strconv.ParseInt(v.Text, 10, 64)
			if err != nil {
				return p, err
			}
			p.Items = append(p.Items, greenroom.Member{ID: id, Name: "m" + v.Text})
		}
		return p, nil
	}
	for id, f := range s.fields {
		p.Items = append(p.Items, greenroom.Member{ID: id, Fields: f})
	}
	return p, nil
}

func (s *shelf) ScoreVersions(_ context.Context, name string) ([]greenroom.ScoreVersion, error) {
	var all []greenroom.ScoreVersion
	for _, v := range s.versions {
		if v.Name == name {
			all = append([]greenroom.ScoreVersion{v}, all...)
		}
	}
	return all, nil
}

func (s *shelf) SaveScore(_ context.Context, v greenroom.ScoreVersion) error {
	v.Version++
	s.versions = append(s.versions, v)
	return nil
}

func (s *shelf) MemberScores(context.Context, int64) ([]greenroom.Score, error) { return nil, nil }

func (s *shelf) PutScores(_ context.Context, model string, scores []greenroom.Score) (int, error) {
	if s.scores == nil {
		s.scores = make(map[string]map[int64]greenroom.Score)
	}
	s.scores[model] = make(map[int64]greenroom.Score)
	for _, sc := range scores {
		s.scores[model][sc.Member] = sc
	}
	return len(scores), nil
}

// act is an activity of a member, so many days ago.
type act struct {
	member int64
	ago    int
	kind   greenroom.Kind
}

// place makes a service over a community: member 9 is of the team, all is done in #help.
func place(t *testing.T, acts ...act) (*health.Service, *shelf) {
	t.Helper()
	return placeAmong(t, analytics.Answers{}, acts...)
}

// placeAmong is place, where the engine can ask others.
func placeAmong(t *testing.T, others analytics.Answers, acts ...act) (*health.Service, *shelf) {
	t.Helper()
	cols := analytics.NewColumns()
	d := &analytics.Delta{
		Added: &analytics.Facts{}, Sources: []analytics.Source{{ID: 1, Name: "slack"}}, Channels: []analytics.Channel{{ID: 1, Source: 1, Name: "help"}}, AsOf: now,
	}
	for id := int64(1); id <= 9; id++ {
		d.Identities = append(d.Identities, analytics.Identity{ID: id, Member: id, Staff: id == 9})
	}
	for i, a := range acts {
		if err := d.Added.Add(analytics.Fact{ID: int64(i + 1), At: now.AddDate(0, 0, -a.ago).UnixMicro(), Identity: a.member, Source: 1, Channel: 1, Kind: a.kind}); err != nil {
			t.Fatal(err)
		}
	}
	if err := cols.Apply(d); err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return now }
	s := &shelf{}
	return health.New(analytics.NewEngine(cols, others, clock), s, s, s, slog.New(slog.DiscardHandler), clock, func() *time.Location { return time.UTC }), s
}

func TestQuiet(t *testing.T) {
	var acts []act
	for n := range 10 {
		acts = append(acts,
			act{1, 31 + 4*n, greenroom.KindMessage},  // every 4 days, silent for 31
			act{2, 5 + 7*n, greenroom.KindMessage},   // every week, silent for 5
			act{3, 20 + 30*n, greenroom.KindMessage}, // every 30 days, silent for 20
			act{4, 400 + n, greenroom.KindMessage},   // gone
			act{9, 60 + n, greenroom.KindMessage},    // of the team
		)
	}
	acts = append(acts, act{5, 90, greenroom.KindMessage}, act{5, 100, greenroom.KindMessage}) // too few to say
	s, shelf := place(t, acts...)
	got, total, err := s.Quiet(t.Context(), 10)
	if err != nil || total != 1 {
		t.Fatal(got, total, err)
	}
	q := got[0]
	if q.Member != 1 || q.Name != "m1" || q.Usual != 4 || q.Long != 7 || q.Silent != 31 || q.ActiveDays != 10 || q.Value != 30 || q.Says != "Usually every 4 days, silent for 31 days." {
		t.Errorf("got %+v", q)
	}
	if one, err := s.Silence(t.Context(), 3); err != nil || one == nil || one.Usual != 30 || one.Silent != 20 {
		t.Errorf("got %+v, %v", one, err)
	}
	if err := s.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	// Active on 20 October; 7 days are not long, the 8th is over on the 28th.
	if due := shelf.scores[health.Rhythm][1].Due; !due.Equal(time.Date(2026, 10, 28, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("due %s", due)
	}
}

// TestOrbit follows three members and one of the team through two months.
func TestOrbit(t *testing.T) {
	s, shelf := place(t,
		act{1, 60, greenroom.KindMessage}, act{1, 10, greenroom.KindPullRequest}, // September: Exploring; November: Participating
		act{2, 55, greenroom.KindRelease}, // Contributing since September
		act{3, 5, greenroom.KindReaction}, // came in November
		act{9, 50, greenroom.KindRelease},
	)
	shelf.fields = map[int64]map[string]string{2: {"reach": "3"}}
	o, err := s.Orbit(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if o.Now != (orbit.Count{0, 0, 1, 1, 1}) || o.Team != (orbit.Count{0, 0, 1}) {
		t.Errorf("now %v, team %v", o.Now, o.Team)
	}
	p := o.Periods[len(o.Periods)-1]
	// From 49 + 1 to 49 + 16 + 1, over two members.
	if !p.Partial || p.From.Month() != time.November || p.Gravity == nil || *p.Gravity != 8 || p.Flow.Joined != 1 || p.Flow.Up[4] != 1 || p.Flow.Held[2] != 1 {
		t.Errorf("November: %+v", p)
	}
	if p.Stayed == nil || *p.Stayed != 7.5 {
		t.Errorf("those who stayed: %v", p.Stayed)
	}
	// Love: m1 0.9² + 3, m2 3 × 0.9², with a reach of 3; m3 0.2.
	if want := 0.81 + 3 + 3*3*0.81 + 0.2; o.V1.Gravity-want > 1e-9 || want-o.V1.Gravity > 1e-9 || o.V1.Reached != 1 {
		t.Errorf("gravity of version 1 is %v, want %v", o.V1.Gravity, want)
	}
}

// TestScoresOfOnesOwn changes weights with a preview, saves them and takes them back.
func TestScoresOfOnesOwn(t *testing.T) {
	s, shelf := place(t, act{1, 1, greenroom.KindMessage}, act{2, 1, greenroom.KindIssue}, act{2, 2, greenroom.KindMessage}, act{9, 1, greenroom.KindMessage})
	m, err := s.Model(t.Context(), orbit.Levels, 0)
	if err != nil {
		t.Fatal(err)
	}
	m.Weights["message"], m.Weights["issue"] = 8, 3
	p, err := s.Preview(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	want := []health.Move{
		{Member: 1, Name: "m1", Before: 2, After: 8, LevelBefore: 4, LevelAfter: 2, StepBefore: 2, StepAfter: 2},
		{Member: 2, Name: "m2", Before: 4, After: 8, LevelBefore: 3, LevelAfter: 2, StepBefore: 3, StepAfter: 2},
	}
	if diff := cmp.Diff(want, p.Moves); diff != "" || p.Up != 2 || p.Down != 0 || p.Before != (orbit.Count{0, 0, 0, 1, 1}) || p.After != (orbit.Count{0, 0, 2}) {
		t.Errorf("%+v\n%s", p, diff)
	}
	if len(shelf.versions) > 0 {
		t.Error("a preview was saved")
	}
	if m, err = s.Save(t.Context(), m, "messages matter", "ana"); err != nil || m.Version != 1 || shelf.scores[orbit.Levels][1].Level != 2 {
		t.Fatalf("%+v, %v", m, err)
	}
	if m, err = s.Undo(t.Context(), orbit.Levels, "ana"); err != nil || m.Version != 2 || m.Weights["message"] != 2 || shelf.scores[orbit.Levels][1].Level != 4 {
		t.Fatalf("%+v, %v", m, err)
	}
	why, err := s.Explain(t.Context(), 2)
	if err != nil || len(why) != 3 {
		t.Fatal(why, err)
	}
	if w := why[0]; w.Level != "Participating III" || len(w.Kinds) != 2 || w.Kinds[0].Kind != greenroom.KindIssue || w.Kinds[0].Worth != 4 || w.Presence != "Participating III" {
		t.Errorf("got %+v", w)
	}
	m.Weights["message"] = 99
	if _, err := s.Save(t.Context(), m, "", "ana"); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("got %v", err)
	}
	if _, err := s.Model(t.Context(), "karma", 0); greenroom.ErrorCode(err) != greenroom.CodeNotFound {
		t.Errorf("got %v", err)
	}
}

func TestBoard(t *testing.T) {
	var acts []act
	for n := range 200 {
		acts = append(acts, act{int64(1 + n%8), n, greenroom.KindReply})
	}
	s, _ := place(t, acts...)
	b, err := s.Board(t.Context(), "")
	if err == nil {
		t.Fatal("customers were found without a record store") // they are asked for by their organization
	}
	if greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(err.Error(), "org.lifecycle") || b != nil {
		t.Errorf("got %v", err)
	}
	if _, err := s.Board(t.Context(), "day"); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("got %v", err)
	}
}

// TestNetwork is five members: 2 answers 1 and 3 often, 3 answers 2 and 4, and nobody knows 5.
func TestNetwork(t *testing.T) {
	var acts []act
	for n := range 3 {
		acts = append(acts, act{1, n, greenroom.KindMessage}, act{2, n, greenroom.KindReply})
	}
	s, shelf := place(t, acts...)
	recent := now.AddDate(0, 0, -3)
	shelf.ties = []greenroom.Tie{
		{From: 2, To: 1, Count: 6, Last: recent},
		{From: 2, To: 3, Count: 2, Last: recent},
		{From: 3, To: 2, Count: 1, Last: recent},
		{From: 3, To: 4, Count: 5, Last: recent},
		{From: 1, To: 4, Count: 1, Last: now.AddDate(0, -11, 0)},
	}
	shelf.waiting = []greenroom.Conversation{{ID: 8}}
	n, err := s.Network(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// Four members, 1-2, 2-3, 3-4 and 1-4 of six possible connections; 2-3 goes both ways.
	if n.Members != 4 || n.Connections != 4 || n.Density < 0.666 || n.Density > 0.667 || n.Reciprocity != 0.25 || n.Waiting != 1 {
		t.Errorf("got %+v", n)
	}
	if h := n.Helpers[0]; h.Member != 2 || h.Answers != 8 || h.Helped != 2 || h.First != 3 || h.Degree != 2 || h.Reach != 90 {
		t.Errorf("got %+v", h)
	}
	// The four stand in a square: between two that face each other lead two ways, half of the pair over each.
	if b := n.Between; len(b) != 4 || n.Sampled != 0 || b[0].Member != 1 || b[0].Name != "m1" || b[0].Pairs != 0.5 || b[0].Share < 0.166 || b[0].Share > 0.167 || b[0].Degree != 2 {
		t.Errorf("between: %+v", b)
	}
	if !strings.HasPrefix(shelf.asked, "opened:<60d participants:1 replies:0") {
		t.Errorf("asked for %s", shelf.asked)
	}
	// The way over two people who know each other well is better than the one answer of eleven months ago.
	way := func(from, to int64) string {
		steps, err := s.Introduce(t.Context(), from, to)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, st := range steps {
			names = append(names, st.Name)
		}
		return strings.Join(names, " ")
	}
	if got := way(1, 3); got != "m1 m2 m3" {
		t.Errorf("1 to 3 by %s", got)
	}
	if got := way(2, 4); got != "m2 m3 m4" {
		t.Errorf("2 to 4 by %s", got)
	}
	if got := way(1, 5); got != "" {
		t.Errorf("1 to 5 by %s", got)
	}
	if _, err := s.Introduce(t.Context(), 1, 1); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("got %v", err)
	}
}

// TestFunnel follows five members: 1 and 2 ask and answer, 3 asks, 4 answers only, 5 writes once.
func TestFunnel(t *testing.T) {
	s, shelf := place(t,
		act{1, 50, greenroom.KindMessage}, act{1, 48, greenroom.KindIssue}, act{1, 40, greenroom.KindReply}, act{1, 39, greenroom.KindReply},
		act{2, 50, greenroom.KindIssue}, act{2, 44, greenroom.KindReply},
		act{3, 30, greenroom.KindIssue},
		act{4, 30, greenroom.KindReply},
		act{5, 10, greenroom.KindReaction},
		act{9, 10, greenroom.KindIssue},
	)
	shelf.fields = map[int64]map[string]string{2: nil} // who any other query finds
	f, err := s.Funnel(t.Context(), health.FunnelRequest{Steps: []string{"joined", "kind:issue channel:#help", "did:reply", "tag:champion"}, By: "month", At: 2})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, st := range f.Steps {
		line := strconv.FormatInt(st.Members, 10) + "/" + strconv.FormatInt(st.Here, 10)
		if st.Median != nil {
			line += " after " + strconv.FormatFloat(*st.Median, 'f', -1, 64)
		}
		got = append(got, line)
	}
	// From the issue, 1 takes 8 days to the reply and 2 takes 6; the median is the lower one.
	if diff := cmp.Diff([]string{"5/2", "3/1 after 0", "2/1 after 6", "1/1"}, got); diff != "" {
		t.Error(diff)
	}
	if len(f.Stuck) != 1 || f.Stuck[0].Member != 3 || f.Stuck[0].Name != "m3" || len(f.Groups) != 2 || f.Groups[0].Name != "2026-11" {
		t.Errorf("got %+v", f)
	}
	if f, err = s.Funnel(t.Context(), health.FunnelRequest{Steps: []string{"joined", "did:reply count:>=2"}, Within: 20}); err != nil || f.Steps[0].Members != 4 || f.Steps[1].Members != 1 {
		t.Errorf("within 20 days: %+v, %v", f, err)
	}
	for want, steps := range map[string][]string{
		"has 2 to 8 steps":        {"joined"},
		"step 2: the query":       {"joined", "fame:x"},
		"not with the state":      {"tag:champion", "joined"},
		"without since and until": {"joined", "did:reply since:30d"},
		"a step is empty":         {"joined", ""},
		"is cut by month":         nil,
	} {
		_, err := s.Funnel(t.Context(), health.FunnelRequest{Steps: steps, By: "moon"})
		if greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	paths, n, err := s.Paths(t.Context(), "kind")
	if err != nil || n != 5 || len(paths) != 5 || paths[0].Members != 1 {
		t.Errorf("got %+v, %d, %v", paths, n, err)
	}
}

func TestCompare(t *testing.T) {
	var acts []act
	for n := range 300 {
		acts = append(acts, act{int64(1 + n%4), n, greenroom.KindReply})
	}
	for n := range 120 {
		acts = append(acts, act{5, 25 + n%20, greenroom.KindMessage}) // most in October
	}
	s, _ := place(t, acts...)
	c, err := s.Compare(t.Context(), health.CompareRequest{Metric: "activities", Across: "kind"})
	if err != nil || len(c.Groups) != 2 {
		t.Fatal(c, err)
	}
	byName := map[string]health.Group{}
	for _, g := range c.Groups {
		byName[g.Name] = g
	}
	if g := byName["reply"]; g.Noise.Real || *g.Value != 31 || *g.Previous != 30 || *g.Low > 31 || *g.High < 31 || g.Records == "" {
		t.Errorf("replies: %+v", g)
	}
	if g := byName["message"]; !g.Noise.Real || *g.Value != 120 {
		t.Errorf("messages: %+v", g)
	}
	if c.Between == nil || c.Between.Test == "" {
		t.Errorf("between the two: %+v", c.Between)
	}
	for want, r := range map[string]health.CompareRequest{
		"name what to compare": {Metric: "activities"},
		"name the segments":    {Metric: "activities", Across: "segment"},
		"table of cohorts":     {Metric: "retention", Across: "kind"},
		`Activities cannot be compared across "moon"; choose source, channel, kind, organization, country, tag, category, sentiment, program or segment`: {Metric: "activities", Across: "moon"},
		"not by \"day\"": {Metric: "activities", Across: "kind", By: "day"},
	} {
		if _, err := s.Compare(t.Context(), r); greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// enrolled says who is in which program: 1 and 2 are champions, 2 and 3 are in the beta.
type enrolled struct{}

func (enrolled) IdentitySet(_ context.Context, node query.Node) ([]int64, error) {
	switch text := query.Format(node); text {
	case "program:champions":
		return []int64{1, 2}, nil
	case "program:beta":
		return []int64{2, 3}, nil
	case "-has:program":
		return []int64{4, 5, 6, 7, 8, 9}, nil
	default:
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "asked for %s", text)
	}
}

// TestComparePrograms holds programs against who is in none. Member 2 is in both.
func TestComparePrograms(t *testing.T) {
	var acts []act
	for member, n := range map[int64]int{1: 3, 2: 5, 3: 7, 4: 11, 9: 13} { // 9 is of the team
		for range n {
			acts = append(acts, act{member, 35, greenroom.KindReply}) // in October
		}
	}
	s, _ := placeAmong(t, analytics.Answers{Members: enrolled{}}, acts...)
	if _, err := s.Compare(t.Context(), health.CompareRequest{Metric: "activities", Across: "program"}); greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(err.Error(), "no program to compare") {
		t.Errorf("without programs: %v", err)
	}
	s.UsePrograms(func(context.Context) ([]health.Program, error) {
		return []health.Program{{Key: "champions", Name: "Champions"}, {Key: "beta", Name: "Beta testers"}}, nil
	})
	c, err := s.Compare(t.Context(), health.CompareRequest{Metric: "activities", Across: "program"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, g := range c.Groups {
		got = append(got, g.Name+" "+strconv.FormatFloat(*g.Value, 'f', -1, 64))
	}
	if diff := cmp.Diff([]string{"Champions 8", "Beta testers 12", "in no program 11"}, got); diff != "" || !strings.Contains(c.Note, "not matched") {
		t.Errorf("%s\n%s", diff, c.Note)
	}
	if !strings.Contains(c.Groups[0].Records, "program:champions") || !strings.Contains(c.Groups[2].Records, "-has:program") {
		t.Errorf("opens %q and %q", c.Groups[0].Records, c.Groups[2].Records)
	}
}
