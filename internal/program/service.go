// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package program

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/outbox"
	"greenroom/internal/query"
	"greenroom/internal/task"
)

// Store keeps programs and who is in them.
type Store interface {
	Keeper
	People
	Applications
	Work
}

// Keeper keeps programs.
type Keeper interface {
	// Programs lists those that are not closed, or those that are, by name.
	Programs(ctx context.Context, closed bool) ([]Program, error)
	// Program finds one by its key, or by its name without regard to case, closed or not.
	Program(ctx context.Context, ref string) (Program, error)
	// AddProgram stores a new one. CodeConflict where its name or key is taken.
	AddProgram(ctx context.Context, p Program) (Program, error)
	// ChangeProgram stores all but the key. CodeConflict where its name is taken, or where somebody is in a stage that its plan
	// no longer has.
	ChangeProgram(ctx context.Context, p Program) error
	// ProgramHistory lists what happened, the newest first: in a program, to a member, or both.
	ProgramHistory(ctx context.Context, program, member, below int64, limit int) ([]Happening, error)
}

// People keeps who is in a program.
type People interface {
	Enrollments(ctx context.Context, f PeopleFilter) ([]Enrollment, error)
	Enrollment(ctx context.Context, id int64) (Enrollment, error)
	// EnrollMember enrolls somebody who is not in the program; who is, stays as they are, and added is false. CodeConflict where the
	// program does not run or has no place.
	EnrollMember(ctx context.Context, e Enrollment) (have Enrollment, added bool, err error)
	// MoveProgramStage puts somebody into another stage. CodeConflict where the enrollment has ended.
	MoveProgramStage(ctx context.Context, id int64, stage, reason, by string) error
	// LeaveProgram ends an enrollment. CodeConflict where it has ended.
	LeaveProgram(ctx context.Context, id int64, reason, by string) error
	// MarkProgramStep says that a step of a stage is done, or takes that back.
	MarkProgramStep(ctx context.Context, id int64, stage, step string, done bool, by string) error
	// ProgramSpans gives all enrollments of a program, also those that have ended, with the members that they are now.
	ProgramSpans(ctx context.Context, program int64) ([]Span, error)
}

// Applications keeps who wants to be in a program.
type Applications interface {
	Applications(ctx context.Context, f ApplicationFilter) ([]Application, error)
	Application(ctx context.Context, id int64) (Application, error)
	// ApplyToProgram stores an application. CodeConflict where the member is in the program, or another application of theirs is open.
	ApplyToProgram(ctx context.Context, a Application) (Application, error)
	// DecideApplication stores a verdict that may follow the one that the application has; accepting enrolls as enroll says, unless that
	// is nil. CodeConflict where the verdict may not follow.
	DecideApplication(ctx context.Context, id int64, v Verdict, reason, by string, enroll *Enrollment) error
	// SegmentFits gives the ids of the members whom a query fits at a time.
	SegmentFits(ctx context.Context, root query.Node, now time.Time) ([]int64, error)
	// ProgramStandings tells what speaks for members, of at most limit who have not been turned down and are not in the program, the
	// most active ones.
	ProgramStandings(ctx context.Context, program int64, members []int64, limit int) ([]Standing, error)
}

// Work keeps what the team does for a program.
type Work interface {
	AddProgramSpend(ctx context.Context, s Spend) (Spend, error)
	ProgramSpends(ctx context.Context, program int64, limit int) ([]Spend, error)
	// StartProgramRun stores a run with its tasks; a name that was used before is CodeConflict.
	StartProgramRun(ctx context.Context, r Run, tasks func(id int64) []task.Task) (Run, error)
	ProgramRuns(ctx context.Context, program int64) ([]Run, error)
	AddProgramReview(ctx context.Context, r Review) (Review, error)
	ProgramReviews(ctx context.Context, program int64) ([]Review, error)
	// MailReach gives the name and a mail address of members; those without an address are left out.
	MailReach(ctx context.Context, members []int64) (map[int64]Reach, error)
}

// Reach is how somebody is written to by mail.
type Reach struct{ Name, Address string }

// Span is one person's time in a program.
type Span struct {
	Member       int64
	Since, Until time.Time // Until zero = still in it
}

// Engine computes figures; analytics.Engine does.
type Engine interface {
	Compute(ctx context.Context, r analytics.Request) (*analytics.Result, error)
	Crowd() *analytics.Crowd
}

// Sender queues messages; outbox.Service does.
type Sender interface {
	Queue(ctx context.Context, all ...outbox.Message) (added int, err error)
}

// Auditor keeps the log of who did what.
type Auditor interface {
	Audit(ctx context.Context, actor, action, target, detail string) error
}

// Config is what the service stands on.
type Config struct {
	Store  Store
	Audit  Auditor
	Log    *slog.Logger
	Now    func() time.Time
	Zone   func() *time.Location // in which the community's days begin
	Engine func() Engine         // nil, or giving nil, where figures are not available
	Sender func() Sender         // likewise for messages
	// Link makes the link of a member's own page of a program, which {link} in a text stands for; nil = there is none.
	Link func(ctx context.Context, key string, program, member int64) (string, error)
}

// Service is what people and workflows do with programs.
type Service struct {
	Config

	schemas map[query.Entity]*query.Schema
}

// New returns the service.
func New(c Config) *Service {
	kinds := make([]string, 0, len(greenroom.Kinds()))
	for _, k := range greenroom.Kinds() {
		kinds = append(kinds, k.String())
	}
	s := &Service{Config: c, schemas: make(map[query.Entity]*query.Schema)}
	for _, e := range query.Entities() {
		s.schemas[e] = query.NewSchema(e, kinds)
	}
	return s
}

func (s *Service) schema(e query.Entity) *query.Schema { return s.schemas[e] }

// List lists the programs that are not closed, or those that are, by name.
func (s *Service) List(ctx context.Context, closed bool) ([]Program, error) {
	return s.Store.Programs(ctx, closed)
}

// Get finds a program by its key or name.
func (s *Service) Get(ctx context.Context, ref string) (Program, error) {
	return s.Store.Program(ctx, ref)
}

// Named is the query for the members of a program, or of one stage of it where that is not "".
func Named(key, stage string) string {
	if stage != "" {
		key += "/" + stage
	}
	return "program:" + key
}

// Add makes a program. It is planned: nobody is enrolled before it runs.
func (s *Service) Add(ctx context.Context, d Draft, by string) (Program, error) {
	if err := d.check(s.schema); err != nil {
		return Program{}, err
	}
	if d.Owner == "" && strings.Contains(by, "@") && !strings.Contains(by, " ") { // a person, not a token or a command
		d.Owner = by
	}
	p := Program{Key: d.Key, Name: d.Name, Kind: d.Kind, State: Planned, Owner: d.Owner, Sponsor: d.Sponsor, Plan: d.Plan, CreatedBy: by}
	if p.Key == "" {
		var err error
		if p.Key, err = s.freeKey(ctx, d.Name); err != nil {
			return p, err
		}
	}
	p, err := s.Store.AddProgram(ctx, p)
	if err != nil {
		return p, fmt.Errorf("making a program: %w", err)
	}
	return s.audited(ctx, p.Key, by, "program.make", p.Name)
}

func (s *Service) audited(ctx context.Context, key, by, what, detail string) (Program, error) {
	if err := s.Audit.Audit(ctx, by, what, "program "+key, detail); err != nil {
		return Program{}, fmt.Errorf("writing the audit log: %w", err)
	}
	return s.Store.Program(ctx, key)
}

// freeKey makes a key that no program has.
func (s *Service) freeKey(ctx context.Context, name string) (string, error) {
	taken := make(map[string]bool)
	for _, closed := range []bool{false, true} {
		all, err := s.Store.Programs(ctx, closed)
		if err != nil {
			return "", err
		}
		for i := range all {
			taken[all[i].Key] = true
		}
	}
	base := keyOf(name, "program")
	key := base
	for n := 2; taken[key]; n++ {
		key = fmt.Sprintf("%s-%d", base, n)
	}
	return key, nil
}

// Edit changes a program to what a draft says; its key stays. A sponsor has to approve a plan again whose budget grew.
func (s *Service) Edit(ctx context.Context, ref string, d Draft, by string) (Program, error) {
	p, err := s.Store.Program(ctx, ref)
	if err != nil {
		return p, err
	}
	d.Key = ""
	if err := d.check(s.schema); err != nil {
		return p, err
	}
	if d.Plan.Budget > p.Plan.Budget || d.Sponsor != p.Sponsor {
		p.ApprovedBy, p.ApprovedAt = "", time.Time{}
	}
	p.Name, p.Kind, p.Sponsor, p.Plan = d.Name, d.Kind, d.Sponsor, d.Plan
	if d.Owner != "" {
		p.Owner = d.Owner
	}
	if err := s.Store.ChangeProgram(ctx, p); err != nil {
		return p, fmt.Errorf("changing program %s: %w", p.Key, err)
	}
	return s.audited(ctx, p.Key, by, "program.edit", p.Name)
}

// Copy makes a program with the plan of another.
func (s *Service) Copy(ctx context.Context, ref, name, by string) (Program, error) {
	p, err := s.Store.Program(ctx, ref)
	if err != nil {
		return p, err
	}
	return s.Add(ctx, Draft{Name: name, Kind: p.Kind, Owner: p.Owner, Sponsor: p.Sponsor, Plan: p.Plan}, by)
}

// Approve notes that the plan and its budget are approved.
func (s *Service) Approve(ctx context.Context, ref, by string) (Program, error) {
	return s.turn(ctx, ref, by, "program.approve", func(p *Program) error {
		p.ApprovedBy, p.ApprovedAt = by, s.Now()
		return nil
	})
}

// Start lets a program run. One that has a sponsor has to be approved first.
func (s *Service) Start(ctx context.Context, ref, by string) (Program, error) {
	return s.turn(ctx, ref, by, "program.start", func(p *Program) error {
		switch {
		case p.State == Running:
			return greenroom.Errorf(greenroom.CodeConflict, "%s runs already", p.Name)
		case p.Sponsor != "" && p.ApprovedAt.IsZero():
			return greenroom.Errorf(greenroom.CodeConflict, "%s has a sponsor, %s, and is not approved yet", p.Name, p.Sponsor)
		}
		p.State, p.ClosedAt = Running, time.Time{}
		if p.StartedAt.IsZero() {
			p.StartedAt = s.Now()
		}
		return nil
	})
}

// Close ends a program: everybody leaves, and nobody is enrolled any more. Start takes it up again, without its members.
func (s *Service) Close(ctx context.Context, ref, reason, by string) (Program, error) {
	return s.turn(ctx, ref, by, "program.close", func(p *Program) error {
		if p.State == Closed {
			return greenroom.Errorf(greenroom.CodeConflict, "%s is closed already", p.Name)
		}
		if reason = strings.TrimSpace(reason); reason == "" {
			reason = "the program was closed"
		}
		in, err := s.Store.Enrollments(ctx, PeopleFilter{Program: p.ID, Limit: noLimit})
		if err != nil {
			return err
		}
		for i := range in {
			if err := s.Store.LeaveProgram(ctx, in[i].ID, reason, by); err != nil && greenroom.ErrorCode(err) != greenroom.CodeConflict {
				return fmt.Errorf("ending an enrollment: %w", err)
			}
		}
		p.State, p.ClosedAt = Closed, s.Now()
		return nil
	})
}

const noLimit = 1 << 30

func (s *Service) turn(ctx context.Context, ref, by, what string, change func(p *Program) error) (Program, error) {
	p, err := s.Store.Program(ctx, ref)
	if err != nil {
		return p, err
	}
	if err := change(&p); err != nil {
		return p, err
	}
	if err := s.Store.ChangeProgram(ctx, p); err != nil {
		return p, fmt.Errorf("changing program %s: %w", p.Key, err)
	}
	return s.audited(ctx, p.Key, by, what, p.Name)
}
