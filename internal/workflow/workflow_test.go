// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package workflow

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom/internal/consent"
	"greenroom/internal/outbox"
)

func TestWaits(t *testing.T) {
	lisbon, err := time.LoadLocation("Europe/Lisbon")
	if err != nil {
		t.Skip("this machine knows no time zones: ", err)
	}
	at := func(text string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", text, lisbon)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct {
		step        Step
		since, want string
	}{
		{Step{Until: UntilTime, Amount: 90, Unit: "minutes"}, "2026-11-20 16:00", "2026-11-20 17:30"},
		{Step{Until: UntilTime, Amount: 1, Unit: "days"}, "2026-10-24 09:00", "2026-10-25 09:00"}, // the clocks change in between
		{Step{Until: UntilWorking, Amount: 2}, "2026-11-20 16:00", "2026-11-23 10:00"},            // Friday afternoon
		{Step{Until: UntilWorking, Amount: 2}, "2026-11-21 12:00", "2026-11-23 11:00"},            // Saturday
		{Step{Until: UntilWorking, Amount: 10}, "2026-11-23 07:00", "2026-11-24 11:00"},
		{Step{Until: UntilHour, Hour: 9}, "2026-11-20 09:00", "2026-11-20 09:00"},
		{Step{Until: UntilHour, Hour: 9}, "2026-11-20 09:01", "2026-11-21 09:00"},
		{Step{Until: UntilHour, Hour: 9, Weekday: 1}, "2026-11-20 09:00", "2026-11-23 09:00"},
		{Step{Until: UntilHour, Hour: 9, Weekday: 7}, "2026-11-20 09:00", "2026-11-22 09:00"},
		{Step{Until: UntilDate, Date: "2026-12-24", Hour: 8}, "2026-11-20 09:00", "2026-12-24 08:00"},
	} {
		if got := c.step.until(at(c.since)); !got.Equal(at(c.want)) {
			t.Errorf("%+v since %s: %s, want %s", c.step, c.since, got, c.want)
		}
	}
}

func TestPersonalFields(t *testing.T) {
	texts := Texts{Person: &Person{ID: 7, Name: "Ana [click](https://evil.example) `Silva`", Fields: map[string]string{"role": "dev\nBcc: x"}}, Base: "https://g.example"}
	for text, want := range map[string]string{
		"Hi {{first_name|there}}":          "Hi Ana",
		"Hi {{ organization | your team}}": "Hi  your team",
		"{{field.role|x}} {{topic|it}}":    "dev Bcc: x it",
		"{{name}}":                         "Ana click(https://evil.example) Silva",
		"{{member_link}}":                  "https://g.example/members/7",
	} {
		if got, err := texts.Fill(text); got != want || err != nil {
			t.Errorf("%s: %q, %v; want %q", text, got, err, want)
		}
	}
	if got, err := texts.Fill("{{organization}}"); err == nil {
		t.Errorf("what is not known became %q", got)
	}
	for name, want := range map[string]string{"Ana Silva": "Ana", "Silva, Ana": "Ana", "copper-owl": "", "Jean-Luc P.": "Jean-Luc", "Dr. Who": "", "x": "", "ana@example.com": "", "Ægir (he)": "Ægir", "李 小龍": ""} {
		if got := FirstName(name); got != want {
			t.Errorf("the first name of %q is %q, want %q", name, got, want)
		}
	}
}

func FuzzFill(f *testing.F) {
	for _, s := range []string{"Hi {{first_name|there}}", "{{", "{{x|}}", "{{field.a b|{}}}", "{{name}}{{name"} {
		f.Add(s, "Ana {{name}}")
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		texts := Texts{Person: &Person{Name: name}}
		out, err := texts.Fill(text)
		if why := checkText(text, false); why == "" && err == nil && mark.MatchString(out) && !mark.MatchString(text) {
			t.Errorf("%q with the name %q became %q", text, name, out)
		}
	})
}

func known() *Known {
	return &Known{Mail: true, Segments: []string{"quiet"}, People: map[string]string{"ana@example.com": "Ana"}, Ways: map[outbox.Channel][]string{outbox.Slack: {"slack"}}, Destinations: map[int64]outbox.Destination{1: {Channel: outbox.Slack}, 2: {Channel: outbox.Webhook}}}
}

// Errors name the step and the field.
func TestCheck(t *testing.T) {
	d := Definition{
		Trigger: Trigger{Kind: OnEntered, Segment: "gone"}, Where: "lst_active:3", Sender: "ben@example.com", HoldOut: HoldOut{Percent: 80},
		Steps: []Step{
			{ID: "s1", Kind: StepMessage, Channel: outbox.Email, Purpose: consent.Care, Text: "Hi {{first_name}}", Subject: "{{nme|x}}"},
			{ID: "s2", Kind: StepMessage, Channel: outbox.Slack, Place: Thread, Purpose: "spam", Text: "Hi"},
			{ID: "s3", Kind: StepWait, Until: UntilEvent, Event: EventAnswer, Amount: 0, Unit: "weeks", Yes: []Step{{ID: "s4", Kind: StepWebhook, Destination: 1}}},
			{ID: "s5", Kind: StepBranch, If: IfMember, Query: "is:nobody"},
			{ID: "s6", Kind: StepEnroll, Program: "x"},
			{ID: "s7", Kind: "dance"},
			{ID: "s7", Kind: StepEnd, Yes: []Step{{ID: "s8", Kind: StepTag}}},
		},
	}
	var got []string
	for _, p := range newQueries().check(&d, known()) {
		got = append(got, strings.TrimSpace(p.Step+" "+p.Field))
	}
	want := []string{"trigger.segment", "where", "sender", "hold_out.percent", "hold_out.outcome", "hold_out.days", "s1 text", "s1 subject", "s2 purpose", "s2 place", "s3 amount", "s3 unit", "s3 event", "s4 destination_id", "s5 query", "s6 kind", "s7 kind", "s7 id", "s7", "s8 tag"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// Templates have no problems but what every community has to choose itself.
func TestTemplates(t *testing.T) {
	k := known()
	k.Ways[outbox.Discourse] = []string{"forum"}
	for _, tpl := range Templates() {
		d := tpl.Definition
		d.Name(0)
		for _, p := range newQueries().check(&d, k) {
			if s := p.Field; s != "survey" && s != "destination_id" && (tpl.Key != "survey" || s != "kind") {
				t.Errorf("%s: %s", tpl.Key, p)
			}
		}
	}
}

func TestPlan(t *testing.T) {
	d := Definition{Steps: []Step{{Kind: StepTag}, {Kind: StepBranch, Yes: []Step{{Kind: StepTag}, {Kind: StepTag}}}, {Kind: StepEnd}}}
	if last := d.Name(7); last != 12 {
		t.Errorf("the last step is %d", last)
	}
	p := d.plan()
	at := p.at["s9"]
	if p.first != "s8" || at.branch(true) != "s10" || at.branch(false) != "s12" || p.at["s11"].next != "s12" || p.at["s12"].next != "" {
		t.Errorf("%+v", p.at)
	}
}

// TestCoverage simulates a thousand workflows whose true effect is known, with members who are held out by the same
// chance as in a real one: the 95 % interval covers the true effect in 95 (± 2) of 100.
func TestCoverage(t *testing.T) {
	dice := rand.New(rand.NewPCG(7, 11))
	covered, clear, none := 0, 0, 0
	const workflows = 1000
	for w := range int64(workflows) {
		n := 200 + dice.Int64N(1800)
		base, effect := 0.05+0.6*dice.Float64(), 0.0
		if w%2 == 0 {
			effect = -0.04 + 0.2*dice.Float64()
		}
		var with, without Arm
		for m := range n {
			if HeldOut(w+1, m*3+1, 20) {
				without.Members++
				if dice.Float64() < base {
					without.Did++
				}
				continue
			}
			with.Members++
			if dice.Float64() < base+effect {
				with.Did++
			}
		}
		e := Compare(with, without)
		if e.Low <= effect && effect <= e.High {
			covered++
		}
		if effect == 0 {
			none++
			if e.Clear() {
				clear++
			}
		}
	}
	t.Logf("the interval covers the true effect in %d of %d; %d of %d without one look as if they had one", covered, workflows, clear, none)
	if covered < 930 || covered > 970 {
		t.Errorf("the interval covers the true effect in %d of %d workflows, want 930 to 970", covered, workflows)
	}
}

// Who is held out does not hang together with the member's number, and is the same each time.
func TestHeldOut(t *testing.T) {
	for _, step := range []int64{1, 2, 64, 1000} {
		held := 0
		for m := range int64(10_000) {
			if HeldOut(3, m*step, 20) {
				held++
			}
		}
		if held < 1850 || held > 2150 {
			t.Errorf("in steps of %d, %d of 10,000 are held out, want about 2,000", step, held)
		}
	}
	if HeldOut(3, 5, 0) || !HeldOut(3, 5, 100) {
		t.Error("nobody or everybody")
	}
}
