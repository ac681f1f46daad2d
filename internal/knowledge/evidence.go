// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package knowledge

import (
	"fmt"
	"math"
	"time"
)

// Window is how far back questions, views and votes are looked at.
const Window = 90 * 24 * time.Hour

// Evidence is what is known about how right and how used a document is.
type Evidence struct {
	Views      int64  `json:"views" doc:"Of the last 90 days: the greater of what the counter and the logs say."`
	Helpful    int64  `json:"helpful" doc:"Readers who said since the last verification that it helped."`
	Unhelpful  int64  `json:"unhelpful" doc:"Readers who said since then that it did not."`
	Broken     int64  `json:"broken_links" doc:"Links in it that lead nowhere."`
	Missing    int64  `json:"missing_places" doc:"Links in it to places in pages that are not there."`
	Unreached  bool   `json:"unreached" doc:"Its own address leads nowhere."`
	Questions  int64  `json:"questions" doc:"Questions of the last 90 days whose words are those of the document, asked after it was last verified or changed."`
	Unanswered int64  `json:"questions_open" doc:"Those of them that wait for an answer."`
	Releases   int64  `json:"releases" doc:"Releases since it was last verified or changed."`
	Release    string `json:"release,omitempty" doc:"The last of them."`
}

// Part is one reason why a document may not be right any more.
type Part struct {
	Name   string `json:"name" doc:"age, links, questions, releases or readers."`
	Points int    `json:"points" doc:"What it adds to the staleness."`
	Most   int    `json:"most" doc:"What it can add at most."`
	Says   string `json:"says" doc:"Why, in words."`
}

// The names of the parts.
const (
	PartAge       = "age"
	PartLinks     = "links"
	PartQuestions = "questions"
	PartReleases  = "releases"
	PartReaders   = "readers"
)

// What each part can add at most, and what a document needs to be due and stale.
const (
	mostAge       = 60
	mostLinks     = 40
	mostQuestions = 20
	mostReleases  = 20
	mostReaders   = 20

	// DueFrom and StaleFrom bound the levels: whose review is due, by age alone, has 40 points.
	DueFrom   = 40
	StaleFrom = 70

	fewVotes = 5 // below them, readers' votes say nothing
)

// Base is the last time that a document was known to be right: verified or, before that, changed. Zero = never.
func (d *Document) Base() time.Time {
	if d.VerifiedAt.After(d.ChangedAt) {
		return d.VerifiedAt
	}
	return d.ChangedAt
}

// DueAt is when a document is to be verified by its rhythm; zero = at once.
func (d *Document) DueAt() time.Time {
	if d.Base().IsZero() {
		return time.Time{}
	}
	return d.Base().AddDate(0, 0, max(1, d.ReviewDays))
}

// Parts says what speaks against a document, all parts in the same order.
//
//	age        40 × days since it was verified or changed ÷ days of its rhythm, up to 60; 40 where neither is known
//	links      40 where its own address leads nowhere; else 10 for each broken link and 3 for each missing place, up to 30
//	questions  3 for each question that was asked since then, and 2 more where it waits for an answer, up to 20
//	releases   10 for the first release since then and 5 for each further one, up to 20
//	readers    20 × the share of readers whom it did not help, at its lower end (Wilson, 90 %), from 5 votes on
//
// The sum, up to 100, is the staleness.
func (e *Evidence) Parts(d *Document, now time.Time) []Part {
	return []Part{age(d, now), e.links(), e.questions(), e.releases(), e.readers()}
}

func age(d *Document, now time.Time) Part {
	p := Part{Name: PartAge, Most: mostAge}
	rhythm := max(1, d.ReviewDays)
	if d.Base().IsZero() {
		p.Points, p.Says = DueFrom, "It is not known when it was changed, and nobody has verified it."
		return p
	}
	days := max(0, int(now.Sub(d.Base()).Hours()/24))
	p.Points = min(mostAge, DueFrom*days/rhythm)
	what := "changed"
	if !d.VerifiedAt.IsZero() && !d.VerifiedAt.Before(d.ChangedAt) {
		what = "verified"
	}
	p.Says = fmt.Sprintf("It was %s %s ago and is to be looked at every %s.", what, count(int64(days), "day", "days"), count(int64(rhythm), "day", "days"))
	return p
}

func (e *Evidence) links() Part {
	p := Part{Name: PartLinks, Most: mostLinks, Says: "No link in it is known to be broken."}
	if e.Unreached {
		p.Points, p.Says = mostLinks, "Its own address leads nowhere."
		return p
	}
	p.Points = int(min(30, 10*e.Broken+3*e.Missing))
	if e.Broken+e.Missing > 0 {
		p.Says = count(e.Broken, "link in it leads", "links in it lead") + " nowhere"
		if e.Missing > 0 {
			p.Says += ", and " + count(e.Missing, "to a place", "to places") + " that the page does not have"
		}
		p.Says += "."
	}
	return p
}

func (e *Evidence) questions() Part {
	p := Part{Name: PartQuestions, Most: mostQuestions, Points: int(min(mostQuestions, 3*e.Questions+2*e.Unanswered))}
	p.Says = "Nobody has asked about its subject since then."
	if e.Questions > 0 {
		p.Says = count(e.Questions, "question", "questions") + " about its subject since then, in the last 90 days"
		if e.Unanswered > 0 {
			p.Says += ", of which " + count(e.Unanswered, "waits", "wait") + " for an answer"
		}
		p.Says += "."
	}
	return p
}

func (e *Evidence) releases() Part {
	p := Part{Name: PartReleases, Most: mostReleases, Says: "No release since then is known."}
	if e.Releases > 0 {
		p.Points = int(min(mostReleases, 5+5*e.Releases))
		p.Says = count(e.Releases, "release", "releases") + " since then; the last is " + e.Release + "."
	}
	return p
}

func (e *Evidence) readers() Part {
	p := Part{Name: PartReaders, Most: mostReaders}
	n := e.Helpful + e.Unhelpful
	if n < fewVotes {
		p.Says = count(n, "reader has", "readers have") + " said whether it helped; that is too few to tell."
		return p
	}
	least := lowerEnd(e.Unhelpful, n)
	p.Points = int(math.Round(mostReaders * least))
	p.Says = fmt.Sprintf("It did not help %d of %d readers who said so.", e.Unhelpful, n)
	return p
}

// lowerEnd is the lower end of the 90 % interval of a share (Wilson).
func lowerEnd(k, n int64) float64 {
	const z = 1.6449
	share, all := float64(k)/float64(n), float64(n)
	mid := share + z*z/(2*all)
	half := z * math.Sqrt(share*(1-share)/all+z*z/(4*all*all))
	return max(0, (mid-half)/(1+z*z/all))
}

func count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Standing is a document with what speaks for and against it.
type Standing struct {
	Document
	Evidence  Evidence  `json:"evidence" doc:"What the staleness is computed from."`
	Parts     []Part    `json:"parts" doc:"The staleness by its parts."`
	Staleness int       `json:"staleness" doc:"From 0 to 100; from 40 on it is due, from 70 on stale."`
	Use       float64   `json:"use" doc:"How much it is used: the logarithm (base 10) of 10 + views + 5 for each question about it. 1 = not at all."`
	Priority  float64   `json:"priority" doc:"Staleness times use: what to verify first."`
	Due       time.Time `json:"due_at,omitzero" doc:"When it is to be verified by its rhythm; left out = at once."`
}

// Stand judges a document.
func Stand(d *Document, e *Evidence, now time.Time) Standing {
	st := Standing{Document: *d, Evidence: *e, Parts: e.Parts(d, now), Due: d.DueAt()}
	for _, p := range st.Parts {
		st.Staleness += p.Points
	}
	st.Staleness = min(100, st.Staleness)
	st.Use = math.Log10(10 + float64(e.Views) + 5*float64(e.Questions))
	st.Priority = math.Round(float64(st.Staleness)*st.Use*10) / 10
	return st
}

// Level is the staleness in a word: fresh, due or stale.
func (st *Standing) Level() string {
	switch {
	case st.Staleness >= StaleFrom:
		return "stale"
	case st.Staleness >= DueFrom:
		return "due"
	default:
		return "fresh"
	}
}
