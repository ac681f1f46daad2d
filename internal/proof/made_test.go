// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package proof_test

import (
	"context"
	"log/slog"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"greenroom"
	"greenroom/internal/impact/resample"
	"greenroom/internal/proof"
	"greenroom/internal/query"
)

// The time of made communities, in days: a first year and more, the time in which members are exposed, and a month for what follows.
const (
	madeFrom  = 392
	madeUntil = madeFrom + 84 // twelve windows of a week
	madeDays  = madeUntil + 49
	madeGap   = 30 // days in which an outcome counts
)

// doing is something that a member did.
type doing struct {
	day          float64
	says, asks   bool
	source, gain bool // gain: it would not have been done without
}

// somebody is a member of a made community.
type somebody struct {
	org     int
	acts    []doing
	other   []float64 // days on which something was done elsewhere, to which the exposure does nothing
	exposed float64   // the day; never = +Inf
	held    bool
}

// crowd says how a community is made. Members do more or less by a level of their own, by the mood of their organization, by an eagerness
// that nobody measures, and by what they did in the last three months. Each week those who have not been exposed yet may be: by what can be
// seen of them, by their eagerness, or by chance.
type crowd struct {
	members int
	chance  bool    // who enters is offered it or held out by chance
	seen    float64 // how much what can be seen drives being exposed
	hidden  float64 // how much eagerness drives being exposed
	eager   float64 // how much eagerness drives what is done
	drift   float64 // days after which half of the eagerness is another one; 0 = it stays
	gain    float64 // acts that the exposure adds in a month
	project float64 // acts that a project adds in a month, with which some begin and by which they come to be exposed
	feels   float64 // how much of that is done elsewhere, too
}

// aProject is how many days a project takes.
const aProject = 56

// made is a community, as the store would tell of it.
type made struct {
	people []somebody
	begin  time.Time
	trial  bool
}

func (c crowd) make(random, apart *rand.Rand) *made {
	m := &made{begin: on("2025-01-06"), trial: c.chance}
	orgs := c.members / 5
	mood := make([]float64, orgs)
	for i := range mood {
		mood[i] = 0.3 * random.NormFloat64()
	}
	for range c.members {
		org := random.IntN(orgs)
		m.people = append(m.people, c.life(random, apart, org+1, mood[org]))
	}
	return m
}

// life makes what somebody does, week by week.
func (c crowd) life(random, apart *rand.Rand, org int, mood float64) somebody {
	p := somebody{org: org, exposed: math.Inf(1)}
	level, eager := 0.5*random.NormFloat64(), random.NormFloat64()
	keep := 1.0
	if c.drift > 0 {
		keep = math.Pow(0.5, 7/c.drift)
	}
	first := float64(random.IntN(madeFrom-60)/7) * 7
	gain := c.gain / madeGap * (0.7 + 0.6*random.Float64())
	begun := math.Inf(1)
	for week := first; week < madeDays; week += 7 {
		busy := 0.0
		if c.project > 0 {
			if week >= madeFrom && math.IsInf(begun, 1) && apart.Float64() < 0.02 {
				begun = week
			}
			if week >= begun && week < begun+aProject {
				busy = 1
			}
		}
		recent, quarter := p.done(week-30, week), p.done(week-90, week-30)
		if math.IsInf(p.exposed, 1) && week >= madeFrom && week < madeUntil {
			odds := -3.9 + c.seen*(math.Log1p(recent)+0.5*math.Log1p(quarter)-2.2) + c.hidden*eager + 2*busy
			if random.Float64() < 1/(1+math.Exp(-odds)) {
				p.exposed, p.held = week+7*random.Float64(), c.chance && random.Float64() < 0.5
			}
		}
		rate := math.Exp(-2.9+level+mood+c.eager*eager) + 0.35*recent/30 + 0.25*quarter/60
		p.some(random, rate, week, week+7, false)
		if busy > 0 {
			p.some(apart, c.project/madeGap, week, week+7, false)
		}
		elsewhere := 0.5*rate + busy*c.feels*c.project/madeGap
		for at := week + apart.ExpFloat64()/elsewhere; at < week+7; at += apart.ExpFloat64() / elsewhere {
			p.other = append(p.other, at)
		}
		if !p.held && week+7 > p.exposed {
			p.some(random, gain, max(week, p.exposed), week+7, true)
		}
		eager = keep*eager + math.Sqrt(1-keep*keep)*random.NormFloat64()
	}
	slices.SortFunc(p.acts, func(a, b doing) int {
		if a.day < b.day {
			return -1
		}
		return 1
	})
	return p
}

// some adds what is done in a span at a rate a day.
func (p *somebody) some(random *rand.Rand, rate, from, to float64, gain bool) {
	for at := from + random.ExpFloat64()/rate; at < to; at += random.ExpFloat64() / rate {
		p.acts = append(p.acts, doing{day: at, says: random.Float64() < 0.6, asks: random.Float64() < 0.15, source: random.Float64() < 0.3, gain: gain})
	}
}

// done counts what was done of one's own accord; what the exposure adds makes nobody do more by itself.
func (p *somebody) done(from, to float64) float64 {
	n := 0.0
	for i := len(p.acts) - 1; i >= 0 && p.acts[i].day >= from-7; i-- {
		if a := p.acts[i]; !a.gain && a.day >= from && a.day < to {
			n++
		}
	}
	return n
}

func (m *made) at(day float64) time.Time {
	return m.begin.Add(time.Duration(day * 24 * float64(time.Hour))).Truncate(time.Microsecond)
}

func (m *made) day(at time.Time) float64 { return at.Sub(m.begin).Hours() / 24 }

// truth is what the exposure added for those exposed who were compared: the acts of the month that would not have been done, or by how much
// more often they did anything at all.
func (m *made) truth(of proof.OutcomeKind, compared []proof.Compared) float64 {
	sum, n := 0.0, 0.0
	for _, u := range compared {
		if !u.Exposed || !u.Compared {
			continue
		}
		from := m.day(u.At)
		own, more := 0.0, 0.0
		for _, a := range m.people[u.MemberID-1].acts {
			if a.day < from || a.day >= from+madeGap {
				continue
			}
			if a.gain {
				more++
			} else {
				own++
			}
		}
		if of == proof.Active {
			more = min(own+more, 1) - min(own, 1)
		}
		sum, n = sum+more, n+1
	}
	return sum / n
}

// SegmentFits lists everybody.
func (m *made) SegmentFits(context.Context, query.Node, time.Time) ([]int64, error) {
	all := make([]int64, len(m.people))
	for i := range all {
		all[i] = int64(i + 1)
	}
	return all, nil
}

// StudyExposed has who was exposed.
func (m *made) StudyExposed(_ context.Context, _ proof.Exposure, _ query.Node, until time.Time) ([]proof.Exposed, error) {
	var all []proof.Exposed
	for i := range m.people {
		p := &m.people[i]
		if math.IsInf(p.exposed, 1) || !m.at(p.exposed).Before(until) {
			continue
		}
		x := proof.Exposed{Member: int64(i + 1), At: m.at(p.exposed), Held: p.held, Taken: !p.held}
		if m.trial {
			x.Percent = 50
		}
		all = append(all, x)
	}
	slices.SortFunc(all, func(a, b proof.Exposed) int { return a.At.Compare(b.At) })
	return all, nil
}

// StudyDid has what was done elsewhere.
func (m *made) StudyDid(_ context.Context, _ query.Node, from, until time.Time) (map[int64][]time.Time, error) {
	all := make(map[int64][]time.Time)
	for i := range m.people {
		for _, day := range m.people[i].other {
			if at := m.at(day); !at.Before(from) && at.Before(until) {
				all[int64(i+1)] = append(all[int64(i+1)], at)
			}
		}
	}
	return all, nil
}

// StudyAsked has nothing.
func (m *made) StudyAsked(context.Context, time.Time, time.Time) ([]proof.Asked, error) {
	return nil, nil
}

// StudyPast counts as the store does, which its own tests look at.
func (m *made) StudyPast(_ context.Context, moments []proof.Moment) ([]proof.Past, error) {
	all := make([]proof.Past, len(moments))
	for i, x := range moments {
		p, past := &m.people[x.Member-1], &all[i]
		at, since, until := m.day(x.At), m.day(x.Since), m.day(x.Until)
		days, sources := make(map[int]bool), make(map[bool]bool)
		for _, a := range p.acts {
			ago := at - a.day
			if a.day >= since && a.day < until {
				past.Acts++
				past.Says += count(a.says)
			}
			switch {
			case ago <= 0 || ago > 365:
				continue
			case ago <= 30:
				past.Recent++
			case ago <= 90:
				past.Quarter++
			default:
				past.Older++
			}
			past.Last = m.at(a.day)
			if ago <= 90 {
				days[int(a.day)], sources[a.source] = true, true
				past.Said += count(a.says)
				past.Asked += count(a.asks)
			}
		}
		past.Days, past.Sources = len(days), len(sources)
	}
	return all, nil
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// StudyDays has the days on which something was done.
func (m *made) StudyDays(_ context.Context, moments []proof.Moment, says bool) ([][]time.Time, error) {
	all := make([][]time.Time, len(moments))
	for i, x := range moments {
		since, until, last := m.day(x.Since), m.day(x.Until), -1
		for _, a := range m.people[x.Member-1].acts {
			if a.day >= since && a.day < until && int(a.day) != last && (a.says || !says) {
				last = int(a.day)
				all[i] = append(all[i], m.at(a.day))
			}
		}
	}
	return all, nil
}

// StudyPeriods counts by period.
func (m *made) StudyPeriods(_ context.Context, members []int64, from time.Time, length time.Duration, n int) (map[int64][]float64, error) {
	all := make(map[int64][]float64, len(members))
	begin, long := m.day(from), length.Hours()/24
	for _, id := range members {
		row := make([]float64, n)
		for _, a := range m.people[id-1].acts {
			if k := math.Floor((a.day - begin) / long); k >= 0 && k < float64(n) {
				row[int(k)]++
			}
		}
		all[id] = row
	}
	return all, nil
}

// StudyPeople has organizations and first days.
func (m *made) StudyPeople(_ context.Context, members []int64) (map[int64]proof.Person, error) {
	all := make(map[int64]proof.Person, len(members))
	for _, id := range members {
		p := &m.people[id-1]
		x := proof.Person{Organization: int64(p.org)}
		if len(p.acts) > 0 {
			x.First = m.at(p.acts[0].day)
		}
		all[id] = x
	}
	return all, nil
}

// StudyLatest is the last day.
func (m *made) StudyLatest(context.Context, time.Time) (time.Time, error) { return m.at(madeDays), nil }

// StudySubject is a name.
func (m *made) StudySubject(context.Context, proof.ExposureKind, int64) (string, error) {
	return "Made", nil
}

// StudySubjects has nothing.
func (m *made) StudySubjects(context.Context) ([]proof.Subject, error) { return nil, nil }

// shelf keeps one study with one run.
type shelf struct {
	study    proof.Study
	run      proof.Run
	compared []proof.Compared
}

// Studies lists the one.
func (s *shelf) Studies(context.Context) ([]proof.Study, error) {
	return []proof.Study{s.study}, nil
}

// Study gives the one.
func (s *shelf) Study(context.Context, int64) (proof.Study, error) { return s.study, nil }

// AddStudy keeps it.
func (s *shelf) AddStudy(_ context.Context, x proof.Study) (proof.Study, error) {
	x.ID, x.Version = 1, 1
	s.study = x
	return x, nil
}

// ChangeStudy keeps it.
func (s *shelf) ChangeStudy(_ context.Context, x proof.Study) (proof.Study, error) { return x, nil }

// StudyRuns lists the run, unless it is over and only those that are not are asked for.
func (s *shelf) StudyRuns(_ context.Context, study int64) ([]proof.Run, error) {
	if s.run.ID == 0 || study == 0 && s.run.State.Over() {
		return nil, nil
	}
	return []proof.Run{s.run}, nil
}

// StudyRun gives the run.
func (s *shelf) StudyRun(context.Context, int64) (proof.Run, error) { return s.run, nil }

// AddStudyRun keeps it.
func (s *shelf) AddStudyRun(_ context.Context, r proof.Run) (proof.Run, error) {
	r.ID = 1
	s.run = r
	return r, nil
}

// MoveStudyRun keeps it where it is in one of the states.
func (s *shelf) MoveStudyRun(_ context.Context, r proof.Run, from ...proof.RunState) (bool, error) {
	if !slices.Contains(from, s.run.State) {
		return false, nil
	}
	s.run = r
	return true, nil
}

// KeepCompared keeps them.
func (s *shelf) KeepCompared(_ context.Context, _ int64, all []proof.Compared) error {
	s.compared = all
	return nil
}

// StudyCompared gives them.
func (s *shelf) StudyCompared(context.Context, int64, int) ([]proof.Compared, error) {
	return s.compared, nil
}

// Audit notes nothing.
func (s *shelf) Audit(context.Context, string, string, string, string) error { return nil }

// asked makes a community, asks the service a study of it and lets it be computed, as a page does.
func (c crowd) asked(t *testing.T, seed uint64, of proof.Outcome, likes proof.Likes) (*proof.Result, float64) {
	t.Helper()
	m, kept := c.make(resample.Source(seed), resample.Source(seed+2_000_000)), &shelf{}
	s := proof.New(proof.Parts{Studies: kept, Runs: kept, Facts: m, Audit: kept, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return m.at(madeDays) }})
	kind := proof.ByProgram
	if c.chance {
		kind = proof.ByWorkflow
	}
	x, err := s.Add(t.Context(), proof.Draft{
		Title: "Made", Exposure: proof.Exposure{Kind: kind, Ref: 1}, Outcome: of, Likes: likes, Control: "kind:reaction",
		From: m.at(madeFrom).Format(time.DateOnly), To: m.at(madeUntil - 1).Format(time.DateOnly),
	}, "test")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Ask(t.Context(), x.ID, "test"); err != nil {
		t.Fatal(err)
	}
	if err := s.WorkOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	if kept.run.State != proof.Done {
		t.Fatal(kept.run.State, kept.run.Problem, greenroom.CodeInvalid)
	}
	return kept.run.Result, m.truth(of.Kind, kept.compared)
}
