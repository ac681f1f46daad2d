// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package proof

import (
	"context"
	"time"

	"greenroom/internal/analytics"
	"greenroom/internal/query"
)

// Store keeps studies.
type Store interface {
	// Studies lists those that are open, the newest first.
	Studies(ctx context.Context) ([]Study, error)
	Study(ctx context.Context, id int64) (Study, error)
	AddStudy(ctx context.Context, s Study) (Study, error)
	// ChangeStudy stores a study whose version is still the one that it was read with. CodeConflict where somebody was first.
	ChangeStudy(ctx context.Context, s Study) (Study, error)
}

// Runs keeps runs and who was compared in them.
type Runs interface {
	// StudyRuns lists the runs of a study, the newest first; 0 = of all studies that are not over.
	StudyRuns(ctx context.Context, study int64) ([]Run, error)
	StudyRun(ctx context.Context, id int64) (Run, error)
	AddStudyRun(ctx context.Context, r Run) (Run, error)
	// MoveStudyRun stores a run that is in one of the states; false where it is in another by now.
	MoveStudyRun(ctx context.Context, r Run, from ...RunState) (bool, error)
	// KeepCompared stores who was compared, and forgets those of older runs.
	KeepCompared(ctx context.Context, run int64, all []Compared) error
	StudyCompared(ctx context.Context, run int64, limit int) ([]Compared, error)
}

// Exposed is somebody at their first exposure.
type Exposed struct {
	Member  int64 // who they are now
	At      time.Time
	Held    bool // held out by chance
	Percent int  // that chance was to hold out; 0 = chance decided nothing
	Taken   bool // went through with it
}

// Asked is a member's question.
type Asked struct {
	Member   int64
	At       time.Time
	Answered time.Time // first response; zero = none
	Team     time.Time // first response by the team; zero = none
}

// Moment is a member at a time: what lies before At is the past, what lies in [Since, Until) follows.
type Moment struct {
	Member           int64
	At, Since, Until time.Time
}

// Past is what a member did before a moment, and what followed.
type Past struct {
	Recent, Quarter, Older int // acts in the 30 days before, in the 60 before these, in the 275 before these
	Days                   int // days with acts, of the last 90
	Said, Asked            int // posts and answers, and questions, of the last 90 days
	Sources                int // with acts, of the last 90 days
	Last                   time.Time
	Acts, Says             int // that followed
}

// Person is what is known of a member.
type Person struct {
	Name         string
	Organization int64
	First        time.Time // first activity
	Out          bool      // team, bot, hidden, or a contact
}

// Facts are what studies are made of.
type Facts interface {
	SegmentFits(ctx context.Context, root query.Node, now time.Time) ([]int64, error)
	// StudyExposed gives the first exposure of each member up to a time, the earliest first.
	StudyExposed(ctx context.Context, e Exposure, activities query.Node, until time.Time) ([]Exposed, error)
	// StudyAsked gives the first question of each member in a time.
	StudyAsked(ctx context.Context, from, until time.Time) ([]Asked, error)
	StudyPast(ctx context.Context, moments []Moment) ([]Past, error)
	// StudyDays gives of each moment the times of acts (or only posts and answers) in [Since, Until), one a day, ascending.
	StudyDays(ctx context.Context, moments []Moment, says bool) ([][]time.Time, error)
	// StudyDid gives by member the times at which they did in [from, until) what a query over activities finds, ascending.
	StudyDid(ctx context.Context, activities query.Node, from, until time.Time) (map[int64][]time.Time, error)
	FactsAround
}

// FactsAround are facts about members and times.
type FactsAround interface {
	// StudyPeriods counts acts of members in n periods of a length.
	StudyPeriods(ctx context.Context, members []int64, from time.Time, length time.Duration, n int) (map[int64][]float64, error)
	StudyPeople(ctx context.Context, members []int64) (map[int64]Person, error)
	// StudyLatest is when the latest activity up to now was.
	StudyLatest(ctx context.Context, now time.Time) (time.Time, error)
	// StudySubject is what a workflow, program, event or survey is called.
	StudySubject(ctx context.Context, kind ExposureKind, ref int64) (string, error)
	// StudySubjects lists what studies can be about.
	StudySubjects(ctx context.Context) ([]Subject, error)
}

// Subject is a workflow, program, event or survey.
type Subject struct {
	Kind ExposureKind `json:"kind" doc:"workflow, program, event or survey."`
	Ref  int64        `json:"ref" doc:"Its number."`
	Name string       `json:"name" doc:"What it is called."`
	Held int          `json:"held,omitempty" doc:"Members held out by chance: it can be an experiment."`
}

// Figures computes metrics; analytics.Engine does.
type Figures interface {
	Compute(ctx context.Context, r analytics.Request) (*analytics.Result, error)
	Records(r analytics.Request, res *analytics.Result, point int) (query.Entity, string, error)
}

// Auditor keeps the log of who did what.
type Auditor interface {
	Audit(ctx context.Context, actor, action, target, detail string) error
}
