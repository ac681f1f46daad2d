// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"fmt"

	"greenroom"
	"greenroom/internal/program"
)

// initiatives is a fake of programs with one in it.
type initiatives struct{ *fake }

func (p initiatives) one() program.Program {
	return program.Program{ID: 1, Key: "champions", Name: "Champions", Kind: program.Champions, State: program.Running, Owner: "ana", Plan: program.Plan{Purpose: "Help", Stages: []program.Stage{{Key: "active", Name: "Active"}}, Currency: "EUR"}, CreatedBy: "ana", CreatedAt: now, ChangedAt: now}
}

func (p initiatives) in() program.Enrollment {
	return program.Enrollment{ID: 7, ProgramID: 1, Program: "champions", MemberID: 42, Member: "Ana", Stage: "active", StageSince: now, Since: now, By: "ana"}
}

func (p initiatives) wish() program.Application {
	return program.Application{ID: 9, ProgramID: 1, Program: "champions", MemberID: 42, Member: "Ana", Origin: "team", By: "ana", At: now, Verdict: program.Open}
}

func (p initiatives) List(context.Context, bool) ([]program.Program, error) {
	return []program.Program{p.one()}, p.err
}

func (p initiatives) Get(_ context.Context, ref string) (program.Program, error) {
	if ref != "champions" && p.err == nil {
		return program.Program{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no program %q", ref)
	}
	return p.one(), p.err
}

func (p initiatives) Add(_ context.Context, d program.Draft, by string) (program.Program, error) {
	p.did = append(p.did, fmt.Sprintf("add %s by %s", d.Name, by))
	return p.one(), p.err
}

func (p initiatives) Edit(context.Context, string, program.Draft, string) (program.Program, error) {
	return p.one(), p.err
}

func (p initiatives) Copy(context.Context, string, string, string) (program.Program, error) {
	return p.one(), p.err
}

func (p initiatives) Approve(context.Context, string, string) (program.Program, error) {
	return p.one(), p.err
}

func (p initiatives) Start(context.Context, string, string) (program.Program, error) {
	return p.one(), p.err
}

func (p initiatives) Close(context.Context, string, string, string) (program.Program, error) {
	return p.one(), p.err
}

func (p initiatives) Enrollments(context.Context, program.PeopleFilter) ([]program.Enrollment, error) {
	return []program.Enrollment{p.in()}, p.err
}

func (p initiatives) Admit(context.Context, string, int64, program.Admission, string) (program.Enrollment, error) {
	return p.in(), p.err
}

func (p initiatives) Stage(context.Context, string, int64, string, string, string) (program.Enrollment, error) {
	return p.in(), p.err
}

func (p initiatives) Step(context.Context, string, int64, string, bool, string) (program.Enrollment, error) {
	return p.in(), p.err
}

func (p initiatives) Leave(context.Context, string, int64, string, string) (program.Enrollment, error) {
	return p.in(), p.err
}

func (p initiatives) Propose(context.Context, string, int) ([]program.Candidate, error) {
	return []program.Candidate{{MemberID: 42, Member: "Ana", Score: 0.5, Reasons: []string{"answers"}}}, p.err
}

func (p initiatives) Apply(context.Context, string, program.Wish, string) (program.Application, error) {
	return p.wish(), p.err
}

func (p initiatives) Applications(context.Context, string, ...program.Verdict) ([]program.Application, error) {
	return []program.Application{p.wish()}, p.err
}

func (p initiatives) Decide(context.Context, int64, program.Verdict, program.Admission, string) (program.Application, error) {
	return p.wish(), p.err
}

func (p initiatives) History(context.Context, string, int64, int64, int) ([]program.Happening, error) {
	return []program.Happening{{ID: 1, ProgramID: 1, Program: "champions", At: now, What: "made", By: "ana"}}, p.err
}

func (p initiatives) figures() program.Figures {
	return program.Figures{At: now, Targets: []program.Outcome{}, Note: program.Caution}
}

func (p initiatives) Figures(context.Context, string) (program.Figures, error) {
	return p.figures(), p.err
}

func (p initiatives) Review(context.Context, string, program.Decision, string, string) (program.Review, error) {
	return program.Review{ID: 1, ProgramID: 1, Decision: program.Keep, Reason: "so", Evidence: p.figures(), By: "ana", At: now}, p.err
}

func (p initiatives) Reviews(context.Context, string) ([]program.Review, error) {
	return []program.Review{{ID: 1, ProgramID: 1, Decision: program.Keep, Reason: "so", Evidence: p.figures(), By: "ana", At: now}}, p.err
}

func (p initiatives) StartRun(context.Context, string, string, string) (program.Run, error) {
	return program.Run{ID: 1, ProgramID: 1, Name: "x", At: now, By: "ana"}, p.err
}

func (p initiatives) Runs(context.Context, string) ([]program.Run, error) {
	return []program.Run{{ID: 1, ProgramID: 1, Name: "x", At: now, By: "ana"}}, p.err
}

func (p initiatives) Spend(_ context.Context, _ string, x program.Spend, _ string) (program.Spend, error) {
	x.At = now
	return x, p.err
}

func (p initiatives) Spends(context.Context, string) ([]program.Spend, error) {
	return []program.Spend{{ID: 1, ProgramID: 1, Amount: 5, By: "ana", At: now}}, p.err
}

func (p initiatives) Write(context.Context, string, program.Note, string) (program.Sent, error) {
	return program.Sent{Queued: 1}, p.err
}

// programRequests ask for every operation on programs.
func programRequests() []string {
	const one = "/programs/champions"
	return []string{
		"GET /programs?closed=true", `POST /programs {"name":"Champions","plan":{"purpose":"Help","stages":[{"key":"a","name":"A"}]}}`, "GET " + one, "PUT " + one + ` {"name":"Champions","plan":{"purpose":"Help","stages":[{"key":"a","name":"A"}]}}`,
		"POST " + one + "/approve", "POST " + one + "/start", "POST " + one + `/close {"reason":"x"}`, "POST " + one + `/copy {"name":"x"}`,
		"GET " + one + "/enrollments?stage=active&ended=true&limit=5", "POST " + one + `/enrollments {"member_id":42}`, "POST " + one + `/stage {"member_id":42,"stage":"active"}`, "POST " + one + `/steps {"member_id":42,"step":"x"}`, "POST " + one + `/leave {"member_id":42}`,
		"GET " + one + "/candidates?limit=5", "GET " + one + "/applications", "POST " + one + `/applications {"member_id":42}`, `POST /program-applications/9/decide {"verdict":"accepted"}`, "GET " + one + "/history?member=42",
		"GET " + one + "/figures", "GET " + one + "/reviews", "POST " + one + `/reviews {"decision":"keep","reason":"so"}`, "GET " + one + "/runs", "POST " + one + `/runs {"name":"x"}`,
		"GET " + one + "/spends", "POST " + one + `/spends {"amount":500}`, "POST " + one + `/messages {"subject":"x","text":"y"}`,
	}
}
