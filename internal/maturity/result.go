// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package maturity

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Answer is what one person says to one question.
type Answer struct {
	Question string    `json:"question" doc:"The question's key."`
	Person   string    `json:"person,omitempty" doc:"Who said it."`
	Level    int       `json:"level" doc:"1 not yet, 2 here and there, 3 usually, 4 always; 0 takes it back."`
	Note     string    `json:"note,omitempty" doc:"Evidence, or why."`
	At       time.Time `json:"at,omitzero" doc:"When."`
}

// Fact is a figure that tells something.
type Fact struct {
	Value float64
	Href  string // the records behind it, as a path in Greenroom
}

// Evidence is what data tell.
type Evidence struct {
	Fact  string  `json:"fact" doc:"What was looked at."`
	Label string  `json:"label" doc:"In words."`
	Value float64 `json:"value" doc:"The figure: shares from 0 to 1, times in seconds."`
	Unit  string  `json:"unit,omitempty" doc:"share, seconds, or left out for a number."`
	Level int     `json:"level" doc:"What it says, from 1 to 4, by thresholds that are ours."`
	Href  string  `json:"records,omitempty" doc:"The address of the records behind it."`
}

// Text is the figure as people write it.
func (e *Evidence) Text() string {
	switch e.Unit {
	case "share":
		return strconv.FormatFloat(e.Value*100, 'f', 0, 64) + " %"
	case "seconds":
		return time.Duration(e.Value * float64(time.Second)).Round(time.Minute).String()
	default:
		return strconv.FormatFloat(e.Value, 'f', -1, 64)
	}
}

// Told is a question with what people and data say.
type Told struct {
	Question
	Level    *float64  `json:"level" doc:"The mean of what people say, or what data tell where nobody answered; nothing where neither is there."`
	Answers  []Answer  `json:"answers" doc:"What people said."`
	Evidence *Evidence `json:"evidence,omitempty" doc:"What data tell."`
	Disagree bool      `json:"disagree,omitempty" doc:"People are two levels apart or more."`
	Against  bool      `json:"against,omitempty" doc:"Data say a level or more less than people do."`
}

// Standing is a competency as it stands.
type Standing struct {
	Competency
	Level     *float64 `json:"level" doc:"From 1 to 4: the mean of its questions; nothing where nothing is known."`
	Low       float64  `json:"low" doc:"The lowest that a person, or data, would give it."`
	High      float64  `json:"high" doc:"The highest."`
	Known     int      `json:"known" doc:"Questions of which something is known."`
	Disagree  int      `json:"disagree,omitempty" doc:"Questions that people disagree about."`
	Questions []Told   `json:"questions" doc:"Its questions."`
}

// Result is where the community stands.
type Result struct {
	Stage    Stage      `json:"stage" doc:"The stage: as the team set it, else as data say."`
	Measured Stage      `json:"measured" doc:"The stage that data say."`
	Next     Stage      `json:"next,omitempty" doc:"The stage after it; left out for the last one."`
	Checks   []Check    `json:"checks" doc:"What stages need, and whether it holds."`
	Standing []Standing `json:"competencies" doc:"The eight."`
	Ideas    []Idea     `json:"ideas" doc:"Plans that would close the gap, those with most behind them first."`
	People   int        `json:"people" doc:"How many answered."`
	Due      string     `json:"due,omitempty" doc:"The day on which it is to be looked at again; left out before the first assessment."`
}

// Level is a competency of a kept assessment.
type Level struct {
	Competency string   `json:"competency" doc:"Its key."`
	Level      *float64 `json:"level" doc:"From 1 to 4."`
	Low        float64  `json:"low" doc:"The lowest voice."`
	High       float64  `json:"high" doc:"The highest."`
}

// Assessment is a result as it was kept.
type Assessment struct {
	ID     int64     `json:"id" doc:"Its number."`
	At     time.Time `json:"at" doc:"When."`
	By     string    `json:"by" doc:"Who kept it."`
	Note   string    `json:"note,omitempty" doc:"What was said with it."`
	Stage  Stage     `json:"stage" doc:"The stage then."`
	People int       `json:"people" doc:"How many had answered."`
	Levels []Level   `json:"levels" doc:"By competency."`
}

// evidence reads facts by the rules.
func evidence(facts map[string]Fact) map[string]*Evidence {
	all := make(map[string]*Evidence, len(facts))
	for _, r := range Rules() {
		if f, is := facts[r.Key]; is {
			all[r.Key] = &Evidence{Fact: r.Key, Label: r.Label, Value: f.Value, Unit: r.Unit, Level: r.level(f.Value), Href: f.Href}
		}
	}
	return all
}

// weigh computes where the community stands from answers and facts.
func weigh(answers []Answer, facts map[string]Fact, set Stage) *Result {
	known := evidence(facts)
	r := &Result{Checks: checks(), Standing: []Standing{}, Ideas: []Idea{}}
	for i := range r.Checks {
		c := &r.Checks[i]
		c.Evidence = known[c.Fact]
		c.Holds = c.Evidence != nil && c.Evidence.Value >= c.least
	}
	r.Measured = reached(r.Checks)
	r.Stage = cmp.Or(set, r.Measured)
	r.Next = r.Stage.Next()
	people := make(map[string]bool)
	for i := range answers {
		people[answers[i].Person] = true
	}
	r.People = len(people)
	for _, c := range Competencies() {
		r.Standing = append(r.Standing, stand(c, answers, known))
	}
	r.Ideas = suggest(r)
	return r
}

func tell(q Question, answers []Answer, known map[string]*Evidence) Told {
	t := Told{Question: q, Answers: []Answer{}, Evidence: known[q.Fact]}
	sum, low, high := 0, maxLevel, minLevel
	for _, a := range answers {
		if a.Question == q.Key {
			t.Answers = append(t.Answers, a)
			sum, low, high = sum+a.Level, min(low, a.Level), max(high, a.Level)
		}
	}
	switch n := len(t.Answers); {
	case n > 0:
		mean := float64(sum) / float64(n)
		t.Level, t.Disagree = &mean, high-low >= 2
		t.Against = t.Evidence != nil && mean-float64(t.Evidence.Level) >= 1
	case t.Evidence != nil:
		level := float64(t.Evidence.Level)
		t.Level = &level
	}
	return t
}

func stand(c Competency, answers []Answer, known map[string]*Evidence) Standing {
	s := Standing{Competency: c, Questions: []Told{}}
	sum := 0.0
	voices := make(map[string][]float64) // by person; "" = data
	for _, q := range Questions() {
		if q.Competency != c.Key {
			continue
		}
		t := tell(q, answers, known)
		s.Questions = append(s.Questions, t)
		for _, a := range t.Answers {
			voices[a.Person] = append(voices[a.Person], float64(a.Level))
		}
		if t.Evidence != nil {
			voices[""] = append(voices[""], float64(t.Evidence.Level))
		}
		if t.Level != nil {
			sum += *t.Level
			s.Known++
		}
		if t.Disagree {
			s.Disagree++
		}
	}
	if s.Known == 0 {
		return s
	}
	mean := sum / float64(s.Known)
	s.Level, s.Low, s.High = &mean, mean, mean
	for _, all := range voices {
		total := 0.0
		for _, v := range all {
			total += v
		}
		s.Low, s.High = min(s.Low, total/float64(len(all))), max(s.High, total/float64(len(all)))
	}
	return s
}

// lowest is how many of the lowest competencies ask for a plan.
const lowest = 3

// suggest gives plans for what is missing for the next stage, and for the lowest competencies.
func suggest(r *Result) []Idea {
	because := make(map[string][]string)
	for _, c := range r.Checks {
		if c.Stage == r.Next && !c.Holds {
			says := "for “" + r.Next.Label() + "”: " + c.Needs
			if c.Evidence != nil {
				says += "; it is " + c.Evidence.Text()
			} else {
				says += "; it cannot be told yet"
			}
			because[c.idea] = append(because[c.idea], says)
		}
	}
	low := slices.Clone(r.Standing)
	low = slices.DeleteFunc(low, func(s Standing) bool { return s.Level == nil || *s.Level >= 3 })
	slices.SortStableFunc(low, func(a, b Standing) int { return cmp.Compare(*a.Level, *b.Level) })
	for i := range low[:min(lowest, len(low))] {
		s := &low[i]
		because[s.idea] = append(because[s.idea], fmt.Sprintf("%s is at %.1f of 4", s.Name, *s.Level))
	}
	all := []Idea{}
	for _, i := range ideas() {
		if why := because[i.Key]; len(why) > 0 {
			i.Because = why
			all = append(all, i)
		}
	}
	slices.SortStableFunc(all, func(a, b Idea) int { return cmp.Compare(len(b.Because), len(a.Because)) })
	return all
}
