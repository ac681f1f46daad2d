// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"testing"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/process"
	crew "greenroom/internal/team"
)

// chores is a fake of processes with one in it.
type chores struct{ *fake }

func (x chores) one() process.Process {
	return process.Process{ID: 3, Version: 1, CreatedBy: "ana", CreatedAt: now, Draft: process.Draft{Name: "Welcome", Minutes: process.Exactly(5), Origin: process.Estimate, Runs: process.Runs{Per: process.PerMonth, Each: process.Exactly(4)}}}
}

func (x chores) load() process.Load {
	return process.Load{Process: x.one(), Once: process.Figure{Range: process.Exactly(5), Origin: process.Timed, Says: "timed"}, Parts: []process.Part{{Runs: process.Figure{Origin: process.Counted, Says: "counted"}}}, Gross: process.Exactly(1), Net: process.Exactly(1)}
}

func (x chores) Workload(context.Context) (process.Sum, error) {
	return process.Sum{Loads: []process.Load{x.load()}, Notes: []string{}}, x.err
}

func (x chores) Capacity(context.Context) (process.Capacity, error) {
	return process.Capacity{People: []process.PersonLoad{{Person: process.Person{Email: "ana"}, Doing: []int64{3}}}, Notes: []string{}}, x.err
}

func (x chores) Get(context.Context, int64) (process.Load, error) { return x.load(), x.err }

func (x chores) Preview(context.Context, process.Draft) (process.Load, error) {
	return x.load(), x.err
}

func (x chores) Add(_ context.Context, _ process.Draft, by string) (process.Process, error) {
	x.did = append(x.did, "process by "+by)
	return x.one(), x.err
}

func (x chores) Edit(_ context.Context, _, version int64, _ process.Draft, _ string) (process.Process, error) {
	if version != 1 {
		return x.one(), greenroom.Errorf(greenroom.CodeConflict, "changed meanwhile")
	}
	return x.one(), x.err
}

func (x chores) Archive(context.Context, int64, bool, string) (process.Process, error) {
	return x.one(), x.err
}

func (x chores) timing() process.Timing {
	return process.Timing{ID: 1, ProcessID: 3, Person: "ana", Runs: 1, StartedAt: now, StoppedAt: now}
}

func (x chores) Timings(context.Context, int64) ([]process.Timing, error) {
	return []process.Timing{x.timing()}, x.err
}

func (x chores) Start(context.Context, int64, string) (process.Timing, error) {
	return x.timing(), x.err
}

func (x chores) Stop(context.Context, int64, string, int) (process.Timing, error) {
	return x.timing(), x.err
}

func (x chores) Note(context.Context, int64, float64, int, string) (process.Timing, error) {
	return x.timing(), x.err
}

func (x chores) Forget(context.Context, int64, string) error { return x.err }

func (x chores) doc() process.Document {
	return process.Document{ID: 2, Kind: process.HiringCase, Title: "Case", By: "ana", At: now, Sections: []process.Section{{Title: "The need", Text: []string{"Much."}}}}
}

func (x chores) Documents(context.Context) ([]process.Document, error) {
	return []process.Document{x.doc()}, x.err
}

func (x chores) Document(context.Context, int64) (process.Document, error) { return x.doc(), x.err }

func (x chores) Make(context.Context, process.DocumentKind, *process.Hiring, bool, string) (process.Document, error) {
	return x.doc(), x.err
}

// crewFake is a fake of the team with one in it.
type crewFake struct{ *fake }

func (x crewFake) one() crew.Person {
	return crew.Person{Profile: crew.Profile{Email: "ana@acme.example", Days: crew.OfficeHours()}, Access: "owner", Weekly: 40}
}

func (x crewFake) away() crew.Absence {
	return crew.Absence{ID: 4, Person: "ana@acme.example", From: "2026-12-21", To: "2026-12-31", BeginsAt: now, EndsAt: now, CreatedBy: "ana", CreatedAt: now}
}

func (x crewFake) People(context.Context) ([]crew.Person, error) {
	return []crew.Person{x.one()}, x.err
}

func (x crewFake) SetProfile(context.Context, crew.Profile, string) (crew.Person, error) {
	return x.one(), x.err
}

func (x crewFake) Day(context.Context, string) (crew.Day, error) {
	return crew.Day{Person: x.one(), Date: "2026-11-20", Items: []crew.Item{{Kind: crew.DayTask, Title: "T"}}, StandingIn: []crew.Absence{}, Away: []crew.Absence{x.away()}}, x.err
}

func (x crewFake) Absences(context.Context, bool) ([]crew.Absence, error) {
	return []crew.Absence{x.away()}, x.err
}

func (x crewFake) Leave(context.Context, crew.Absence, string) (crew.Absence, error) {
	return x.away(), x.err
}

func (x crewFake) Return(context.Context, int64, string) (crew.Absence, error) {
	return x.away(), x.err
}

func (x crewFake) Duties(context.Context) ([]crew.Duty, error) {
	return []crew.Duty{{ID: 5, Version: 1, DutyDraft: crew.DutyDraft{Kind: crew.OfPlan, Subject: "Launch"}}}, x.err
}

func (x crewFake) SaveDuty(_ context.Context, d crew.Duty, _ string) (crew.Duty, error) {
	return d, x.err
}

func (x crewFake) RemoveDuty(context.Context, int64, string) error { return x.err }

// processRequests calls every operation on processes and on the team.
func processRequests() []string {
	const draft = `{"name":"A","minutes":{"low":1,"likely":2,"high":3},"runs":{"per":"month","each":{"low":1,"likely":1,"high":1}}`
	return []string{
		"GET /processes", "GET /process-capacity", "GET /process-templates", "GET /processes/3", "POST /processes " + draft + "}", "POST /process-previews " + draft + "}", "PUT /processes/3 " + draft + `,"version":1}`,
		`POST /processes/3/archive {"archived":true}`, "GET /processes/3/timings", `POST /processes/3/timings {"minutes":5,"runs":1}`, "POST /processes/3/timer/start", `POST /processes/3/timer/stop {"runs":2}`, "DELETE /timings/1",
		"GET /process-documents", "GET /process-documents/2", "GET /process-documents/2/document.md", "GET /process-documents/2/document.html", `POST /process-documents {"kind":"division_of_labor"}`,
		"GET /team", `PUT /team/profile {"email":"ana@acme.example","version":0,"days":[]}`, "GET /my-day", "GET /team/absences", `POST /team/absences {"person":"ana@acme.example","from":"2026-12-21","to":"2026-12-31"}`, "POST /team/absences/4/end",
		"GET /team/duties", `POST /team/duties {"kind":"plan","subject":"Launch"}`, `PUT /team/duties/5 {"kind":"plan","subject":"Launch","version":1}`, "DELETE /team/duties/5",
	}
}

func TestProcessesAndTeam(t *testing.T) {
	f := newFake(t)
	c := newClient(t, f.handler(t), user(auth.RoleManager))
	for _, x := range []struct {
		method, path, body string
		want               int
	}{
		{"POST", "/processes", `{"name":7}`, 400},
		{"PUT", "/processes/3", `{"name":"A","minutes":{"low":1,"likely":2,"high":3},"runs":{"per":"month","each":{"low":1,"likely":1,"high":1}},"version":9}`, 409},
		{"POST", "/processes/3/timings", `{"minutes":5,"runs":1}`, 201},
		{"DELETE", "/timings/1", "", 204},
	} {
		if w := c.do(t, x.method, base+x.path, x.body); w.Code != x.want {
			t.Errorf("%s %s: %d, want %d; %s", x.method, x.path, w.Code, x.want, w.Body)
		}
	}
	other := c.as(user(auth.RoleContributor))
	for _, x := range [][3]string{{"POST", "/team/absences", `{"person":"zoe@acme.example","from":"2026-12-21","to":"2026-12-31"}`}, {"GET", "/my-day?who=zoe@acme.example", ""}, {"PUT", "/team/profile", `{"email":"zoe@acme.example","version":0,"days":[{"from":0,"to":0},{"from":0,"to":0},{"from":0,"to":0},{"from":0,"to":0},{"from":0,"to":0},{"from":0,"to":0},{"from":0,"to":0}]}`}} {
		if w := other.do(t, x[0], base+x[1], x[2]); w.Code != 403 {
			t.Errorf("a contributor for somebody else, %s %s: %d; %s", x[0], x[1], w.Code, w.Body)
		}
	}
}
