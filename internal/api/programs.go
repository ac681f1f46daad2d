// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/program"
)

// Programs are lasting initiatives with members enrolled in them; program.Service keeps them.
type Programs interface {
	List(ctx context.Context, closed bool) ([]program.Program, error)
	Get(ctx context.Context, ref string) (program.Program, error)
	Add(ctx context.Context, d program.Draft, by string) (program.Program, error)
	Edit(ctx context.Context, ref string, d program.Draft, by string) (program.Program, error)
	ProgramTurns
	ProgramPeople
	ProgramWork
}

// ProgramTurns begin and end programs, and begin them again as others.
type ProgramTurns interface {
	Copy(ctx context.Context, ref, name, by string) (program.Program, error)
	Approve(ctx context.Context, ref, by string) (program.Program, error)
	Start(ctx context.Context, ref, by string) (program.Program, error)
	Close(ctx context.Context, ref, reason, by string) (program.Program, error)
}

// ProgramPeople are those who are in a program, want to be, or could be.
type ProgramPeople interface {
	Enrollments(ctx context.Context, f program.PeopleFilter) ([]program.Enrollment, error)
	Admit(ctx context.Context, key string, member int64, a program.Admission, by string) (program.Enrollment, error)
	Stage(ctx context.Context, key string, member int64, stage, reason, by string) (program.Enrollment, error)
	Step(ctx context.Context, key string, member int64, step string, done bool, by string) (program.Enrollment, error)
	Leave(ctx context.Context, key string, member int64, reason, by string) (program.Enrollment, error)
	Propose(ctx context.Context, ref string, limit int) ([]program.Candidate, error)
	ProgramApplications
}

// ProgramApplications are made and decided.
type ProgramApplications interface {
	Apply(ctx context.Context, ref string, w program.Wish, by string) (program.Application, error)
	Applications(ctx context.Context, ref string, verdicts ...program.Verdict) ([]program.Application, error)
	Decide(ctx context.Context, id int64, v program.Verdict, adm program.Admission, by string) (program.Application, error)
	History(ctx context.Context, ref string, member, below int64, limit int) ([]program.Happening, error)
}

// ProgramWork is what the team does for a program, and what came of it.
type ProgramWork interface {
	Figures(ctx context.Context, ref string) (program.Figures, error)
	Review(ctx context.Context, ref string, d program.Decision, reason, by string) (program.Review, error)
	Reviews(ctx context.Context, ref string) ([]program.Review, error)
	StartRun(ctx context.Context, ref, name, by string) (program.Run, error)
	Runs(ctx context.Context, ref string) ([]program.Run, error)
	ProgramDealings
}

// ProgramDealings are what members of a program get and are told.
type ProgramDealings interface {
	Spend(ctx context.Context, ref string, x program.Spend, by string) (program.Spend, error)
	Spends(ctx context.Context, ref string) ([]program.Spend, error)
	Write(ctx context.Context, ref string, n program.Note, by string) (program.Sent, error)
}

// ProgramAdmission enrolls a member, or puts one into another stage.
type ProgramAdmission struct {
	MemberID int64  `json:"member_id" doc:"The member."`
	Stage    string `json:"stage,omitempty" doc:"Key or name of the stage; the first one where it is left out."`
	Cohort   string `json:"cohort,omitempty" doc:"The cohort; the program's where it is left out."`
	Reason   string `json:"reason,omitempty" doc:"Why; it stays in the history."`
}

// ProgramMark marks a step of the stage that a member is in.
type ProgramMark struct {
	MemberID int64  `json:"member_id" doc:"The member."`
	Step     string `json:"step" doc:"Key or title of the step."`
	Undone   bool   `json:"undone,omitempty" doc:"It was not done after all."`
}

// ProgramVerdict decides an application.
type ProgramVerdict struct {
	Verdict program.Verdict `json:"verdict" doc:"accepted enrolls them; waiting is for later; declined needs a reason."`
	Stage   string          `json:"stage,omitempty" doc:"In which they begin, if accepted; the first one where it is left out."`
	Cohort  string          `json:"cohort,omitempty" doc:"The cohort; the program's where it is left out."`
	Reason  string          `json:"reason,omitempty" doc:"Why."`
}

// ProgramNamed names a copy or a run.
type ProgramNamed struct {
	Name string `json:"name" doc:"What it is called."`
}

// ProgramReason says why.
type ProgramReason struct {
	Reason string `json:"reason,omitempty" doc:"Why."`
}

// ProgramJudgment is a decision about a program as a whole.
type ProgramJudgment struct {
	Decision program.Decision `json:"decision" doc:"What is decided."`
	Reason   string           `json:"reason" doc:"What the figures say, and what they do not."`
}

// ProgramExpense is money that was spent.
type ProgramExpense struct {
	MemberID int64  `json:"member_id,omitempty" doc:"On whom; left out for the program as a whole."`
	Perk     string `json:"perk,omitempty" doc:"The perk, by key."`
	Amount   int64  `json:"amount" doc:"In hundredths of the program's currency; what came back is negative."`
	Note     string `json:"note,omitempty" doc:"A note."`
}

// posted is an operation that takes a body and answers what do makes of it.
func posted[In, Out any](o op, in In, text string, out Out, do func(c *call, in In) (Out, error)) op {
	o.method, o.need, o.codes = http.MethodPost, auth.Write, []greenroom.Code{greenroom.CodeConflict}
	o.body, o.reply = &content{of: in, text: text, example: in}, content{of: out, example: out}
	o.do = func(c *call) (answer, error) {
		got, err := decode[In](c)
		if err != nil {
			return answer{}, err
		}
		made, err := do(c, got)
		if err != nil {
			return answer{}, err
		}
		return ok(made)
	}
	return o
}

// listed is an operation that lists what all gives.
func listed[T any](o op, example T, all func(c *call) ([]T, error)) op {
	o.method, o.need = http.MethodGet, auth.Read
	o.reply = content{of: Items[T]{}, example: Items[T]{Items: []T{example}}}
	o.do = func(c *call) (answer, error) {
		got, err := all(c)
		if err != nil {
			return answer{}, err
		}
		return itemsOf(got)
	}
	return o
}

// single is an operation that gives one thing.
func single[T any](o op, example T, get func(c *call) (T, error)) op {
	o.method, o.need, o.reply = http.MethodGet, auth.Read, content{of: example, example: example}
	o.do = func(c *call) (answer, error) {
		got, err := get(c)
		if err != nil {
			return answer{}, err
		}
		return ok(got)
	}
	return o
}

func programRef() param {
	return nameParam("program", "The program's key, or its name.", "champions")
}

func (a *api) programOps() []op {
	if a.Programs == nil {
		return nil
	}
	ref, x := []param{programRef()}, exampleProgram()
	draft := program.Draft{Name: x.Name, Kind: x.Kind, Owner: x.Owner, Plan: x.Plan}
	at := func(path, id, summary, text string) op {
		return op{path: "/programs/{program}" + path, id: id, tag: "Programs", params: ref, summary: summary, text: text}
	}
	turn := func(path, id, summary, text string, do func(c *call) (program.Program, error)) op {
		o := single(at(path, id, summary, text), x, do)
		o.method, o.need, o.codes = http.MethodPost, auth.Write, []greenroom.Code{greenroom.CodeConflict}
		return o
	}
	add := posted(op{path: "/programs", id: "createProgram", tag: "Programs", summary: "Make a program", text: "It is planned: nobody is enrolled before it is started. Keys of stages, steps, questions and perks are made where they are left out.", status: http.StatusCreated, repeatable: true}, draft, "What the program is to be.", x,
		func(c *call, d program.Draft) (program.Program, error) { return a.Programs.Add(c.ctx(), d, c.by()) })
	edit := posted(at("", "changeProgram", "Change a program", "To what the body says; its key stays. A stage that somebody is in cannot be left out. A plan whose budget grew has to be approved again."), draft, "What the program is to be.", x,
		func(c *call, d program.Draft) (program.Program, error) {
			return a.Programs.Edit(c.ctx(), c.text("program"), d, c.by())
		})
	edit.method = http.MethodPut
	all := []op{
		listed(op{path: "/programs", id: "listPrograms", tag: "Programs", summary: "List programs", text: "By name. In a query, `program:KEY` stands for those who are enrolled in one, `program:KEY/STAGE` for those in a stage.", params: []param{{name: "closed", form: formFlag, initial: "false", text: "Those that were closed instead."}}}, x,
			func(c *call) ([]program.Program, error) { return a.Programs.List(c.ctx(), c.flag("closed")) }),
		add,
		single(at("", "getProgram", "A program", "What it is to be, and how many are in it."), x, func(c *call) (program.Program, error) { return a.Programs.Get(c.ctx(), c.text("program")) }),
		edit,
		turn("/approve", "approveProgram", "Approve a program", "Notes that its plan and budget are approved. One with a sponsor does not start before.", func(c *call) (program.Program, error) {
			return a.Programs.Approve(c.ctx(), c.text("program"), c.by())
		}),
		turn("/start", "startProgram", "Start a program", "From now on members can be enrolled. One that was closed is taken up again, without its members.", func(c *call) (program.Program, error) {
			return a.Programs.Start(c.ctx(), c.text("program"), c.by())
		}),
		posted(at("/close", "closeProgram", "Close a program", "Everybody who is in it leaves. Its history stays."), ProgramReason{Reason: "It has done its work."}, "Why.", x, func(c *call, in ProgramReason) (program.Program, error) {
			return a.Programs.Close(c.ctx(), c.text("program"), in.Reason, c.by())
		}),
		posted(at("/copy", "copyProgram", "Copy a program", "Makes another one with the same plan and no members."), ProgramNamed{Name: "Champions 2027"}, "The copy's name.", x, func(c *call, in ProgramNamed) (program.Program, error) {
			return a.Programs.Copy(c.ctx(), c.text("program"), in.Name, c.by())
		}),
	}
	return append(append(all, a.programPeopleOps(at)...), a.programWorkOps(at)...)
}

func (a *api) programPeopleOps(at func(path, id, summary, text string) op) []op {
	e, ap := exampleEnrollment(), exampleApplication()
	limit := param{name: "limit", form: formInteger, min: 1, max: 1000, initial: "200", text: "How many at most.", example: "50"}
	below := param{name: "below", form: formInteger, min: 1, text: "Only those with a lower id.", example: "310"}
	with := func(o op, params ...param) op {
		o.params = append(o.params[:len(o.params):len(o.params)], params...)
		return o
	}
	return []op{
		listed(with(at("/enrollments", "listEnrollments", "Who is in a program, or was", "Who came last first."), param{name: "stage", form: formText, text: "Only of one stage, by key.", example: "active"}, param{name: "cohort", form: formText, text: "Only of one cohort.", example: "2026 autumn"},
			param{name: "member", form: formInteger, min: 1, text: "Only of one member, by id.", example: "42"}, param{name: "ended", form: formFlag, initial: "false", text: "Those who have left instead."}, below, limit), e, func(c *call) ([]program.Enrollment, error) {
			x, err := a.Programs.Get(c.ctx(), c.text("program"))
			if err != nil {
				return nil, err
			}
			return a.Programs.Enrollments(c.ctx(), program.PeopleFilter{Program: x.ID, Stage: c.text("stage"), Cohort: c.text("cohort"), Member: c.integer("member"), Ended: c.flag("ended"), Below: c.integer("below"), Limit: int(c.integer("limit"))})
		}),
		posted(at("/enrollments", "enrollMember", "Enroll a member", "Who is in the program already stays as they are, so that it can be repeated."), ProgramAdmission{MemberID: 42, Stage: "welcome", Reason: "answers every day"}, "Whom, and where they begin.", e, func(c *call, in ProgramAdmission) (program.Enrollment, error) {
			return a.Programs.Admit(c.ctx(), c.text("program"), in.MemberID, program.Admission{Stage: in.Stage, Cohort: in.Cohort, Reason: in.Reason}, c.by())
		}),
		posted(at("/stage", "moveProgramMember", "Put a member into another stage", "The steps that they have done stay marked."), ProgramAdmission{MemberID: 42, Stage: "active"}, "Whom, and where to.", e, func(c *call, in ProgramAdmission) (program.Enrollment, error) {
			return a.Programs.Stage(c.ctx(), c.text("program"), in.MemberID, in.Stage, in.Reason, c.by())
		}),
		posted(at("/steps", "markProgramStep", "Mark a step", "Says that a member has done a step of the stage that they are in."), ProgramMark{MemberID: 42, Step: "answer-three-questions"}, "Who did what.", e, func(c *call, in ProgramMark) (program.Enrollment, error) {
			return a.Programs.Step(c.ctx(), c.text("program"), in.MemberID, in.Step, !in.Undone, c.by())
		}),
		posted(at("/leave", "leaveProgram", "End a member's time in a program", "What they did in it stays, and they can be enrolled again."), ProgramAdmission{MemberID: 42, Reason: "no time any more"}, "Who, and why; stage and cohort do not matter.", e, func(c *call, in ProgramAdmission) (program.Enrollment, error) {
			return a.Programs.Leave(c.ctx(), c.text("program"), in.MemberID, in.Reason, c.by())
		}),
		listed(with(at("/candidates", "listCandidates", "Who is proposed", "Who qualifies, and neither is or was in the program nor has applied; ranked, with what speaks for them."), limit), program.Candidate{MemberID: 42, Member: "Ana Torres", Organization: "Acme", Score: 0.91, Reasons: []string{"31 replies and answers in 90 days", "Orbit level 1"}}, func(c *call) ([]program.Candidate, error) {
			return a.Programs.Propose(c.ctx(), c.text("program"), int(c.integer("limit")))
		}),
		listed(at("/applications", "listApplications", "Applications", "Those that wait for a decision first."), ap, func(c *call) ([]program.Application, error) {
			return a.Programs.Applications(c.ctx(), c.text("program"))
		}),
		posted(at("/applications", "applyToProgram", "Apply to a program", "For a member. Answers are by the keys of the form's questions; those that are needed are needed only with the origin form."), program.Wish{Member: 42, Origin: "team", Answers: map[string]string{"why-do-you-want-to-join": "I like to help."}}, "Who, and what they said.", ap, func(c *call, in program.Wish) (program.Application, error) {
			return a.Programs.Apply(c.ctx(), c.text("program"), in, c.by())
		}),
		posted(op{path: "/program-applications/{id}/decide", id: "decideApplication", tag: "Programs", params: []param{idParam("The application's id.")}, summary: "Decide an application", text: "accepted enrolls the member in the same transaction. What is decided stays: who applies again makes a new application."}, ProgramVerdict{Verdict: program.Accepted}, "The decision.", ap, func(c *call, in ProgramVerdict) (program.Application, error) {
			return a.Programs.Decide(c.ctx(), c.id(), in.Verdict, program.Admission{Stage: in.Stage, Cohort: in.Cohort, Reason: in.Reason}, c.by())
		}),
		listed(with(at("/history", "listProgramHistory", "What happened in a program", "The newest first."), param{name: "member", form: formInteger, min: 1, text: "Only to one member, by id.", example: "42"}, below, limit),
			program.Happening{ID: 310, ProgramID: 1, Program: "champions", MemberID: 42, Member: "Ana Torres", At: exampleTime(20), What: "stage", Detail: "active", By: "ben@acme.example"}, func(c *call) ([]program.Happening, error) {
				return a.Programs.History(c.ctx(), c.text("program"), c.integer("member"), c.integer("below"), int(c.integer("limit")))
			}),
	}
}

func (a *api) programWorkOps(at func(path, id, summary, text string) op) []op {
	run := program.Run{ID: 1, ProgramID: 1, Name: "2026 autumn", At: exampleTime(3), By: "ben@acme.example", Tasks: 4, Done: 1}
	spend := program.Spend{ID: 1, ProgramID: 1, MemberID: 42, Member: "Ana Torres", Perk: "welcome-parcel", Amount: 3500, By: "ben@acme.example", At: exampleTime(4)}
	review := program.Review{ID: 1, ProgramID: 1, Decision: program.Fix, Reason: "Too few of them are new.", Evidence: exampleProgramFigures(), By: "ben@acme.example", At: exampleTime(20)}
	figures := single(at("/figures", "getProgramFigures", "What came of a program", "Targets over those who were enrolled at the end of each period, and what each member did before they came and since. The note says why the latter is no proof."), exampleProgramFigures(), func(c *call) (program.Figures, error) { return a.Programs.Figures(c.ctx(), c.text("program")) })
	figures.timeout, figures.codes = actionTimeout, []greenroom.Code{greenroom.CodeUnavailable}
	return []op{
		figures,
		listed(at("/reviews", "listProgramReviews", "Decisions about a program", "The newest first, each with the figures as they were."), review, func(c *call) ([]program.Review, error) { return a.Programs.Reviews(c.ctx(), c.text("program")) }),
		posted(at("/reviews", "reviewProgram", "Decide about a program", "To scale, keep, fix or retire it. The figures of now are kept with the decision."), ProgramJudgment{Decision: program.Fix, Reason: "Too few of them are new."}, "The decision with its reasons.", review, func(c *call, in ProgramJudgment) (program.Review, error) {
			return a.Programs.Review(c.ctx(), c.text("program"), in.Decision, in.Reason, c.by())
		}),
		listed(at("/runs", "listProgramRuns", "Runs of the runbook", "The newest first."), run, func(c *call) ([]program.Run, error) { return a.Programs.Runs(c.ctx(), c.text("program")) }),
		posted(at("/runs", "startProgramRun", "Start a run", "Makes a task of every step of the runbook, due from now on."), ProgramNamed{Name: "2026 autumn"}, "What tells the run apart.", run, func(c *call, in ProgramNamed) (program.Run, error) {
			return a.Programs.StartRun(c.ctx(), c.text("program"), in.Name, c.by())
		}),
		listed(at("/spends", "listProgramSpends", "What was spent", "The newest first."), spend, func(c *call) ([]program.Spend, error) { return a.Programs.Spends(c.ctx(), c.text("program")) }),
		posted(at("/spends", "addProgramSpend", "Note what was spent", "On a member, or on the program where no member is named."), ProgramExpense{MemberID: 42, Perk: "welcome-parcel", Amount: 3500}, "On whom, for what and how much.", spend, func(c *call, in ProgramExpense) (program.Spend, error) {
			return a.Programs.Spend(c.ctx(), c.text("program"), program.Spend{MemberID: in.MemberID, Perk: in.Perk, Amount: in.Amount, Note: in.Note}, c.by())
		}),
		posted(at("/messages", "writeToProgram", "Write to the members of a program", "A mail to each, through the outbox: as drafts that wait for approval unless `now` is set. {name} becomes their first name."), program.Note{Stage: "active", Subject: "The call on Thursday", Text: "Hi {name}, see you at five!"}, "To whom, and what.", program.Sent{Queued: 12, Drafts: true}, func(c *call, in program.Note) (program.Sent, error) {
			return a.Programs.Write(c.ctx(), c.text("program"), in, c.by())
		}),
	}
}

func exampleProgram() program.Program {
	at := exampleTime(2)
	return program.Program{ID: 1, Key: "champions", Name: "Champions", Kind: program.Champions, State: program.Running, Owner: "ben@acme.example", Plan: program.Plan{
		Purpose: "Thank and equip those who help most.", Goal: "Members answer members.", Targets: []program.Target{{Metric: "helpers", Value: 10, Per: program.PerMonth}}, Qualifies: "did:answer since:90d count:>=5",
		Form:   []program.Question{{Key: "why-do-you-want-to-join", Label: "Why do you want to join?", Type: program.Text, Required: true}},
		Stages: []program.Stage{{Key: "welcome", Name: "Welcome"}, {Key: "active", Name: "Active", Steps: []program.Step{{Key: "answer-three-questions", Title: "Answer three questions"}}}},
		Perks:  []program.Perk{{Key: "welcome-parcel", Name: "Welcome parcel", Cost: 3500}}, Budget: 100000, Currency: "EUR",
		Runbook: []program.RunStep{{Title: "Invite five", Days: 0}}, Dates: []program.Date{{At: exampleTime(28), Title: "Champions' call"}},
	}, CreatedBy: "ben@acme.example", CreatedAt: at, ChangedAt: at, StartedAt: at, Enrolled: 12, Waiting: 2}
}

func exampleEnrollment() program.Enrollment {
	return program.Enrollment{ID: 7, ProgramID: 1, Program: "champions", MemberID: 42, Member: "Ana Torres", Stage: "active", StageSince: exampleTime(9), Since: exampleTime(3), Reason: "answers every day", By: "ben@acme.example", Done: []string{"active/answer-three-questions"}}
}

func exampleApplication() program.Application {
	return program.Application{ID: 9, ProgramID: 1, Program: "champions", MemberID: 42, Member: "Ana Torres", Origin: "form", Answers: map[string]string{"why-do-you-want-to-join": "I like to help."}, By: "form", At: exampleTime(2), Verdict: program.Accepted, DecidedBy: "ben@acme.example", DecidedAt: exampleTime(3)}
}

func exampleProgramFigures() program.Figures {
	ten := 11.0
	return program.Figures{
		At: exampleTime(20), Enrolled: 12, Ever: 14, Left: 2, Spent: 42000, Planned: 49000, Note: program.Caution,
		Targets: []program.Outcome{{Target: program.Target{Metric: "helpers", Value: 10, Per: program.PerMonth}, Label: "Helpers", Unit: "members", Periods: []program.PeriodView{{From: exampleTime(1), To: exampleTime(1).AddDate(0, 1, 0), Value: &ten, Segment: "program:champions", Met: true, Partial: true}}}},
		Change:  program.BeforeAfter{Compared: 12, More: 5, Less: 6, Before: 4.2, After: 4},
		Members: []program.MemberView{{MemberID: 42, Member: "Ana Torres", Since: exampleTime(3), Days: 17, Before: 12, After: 19, AnswersBefore: 5, AnswersAfter: 9}},
	}
}
