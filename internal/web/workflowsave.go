// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
	"greenroom/internal/workflow"
)

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// either is one of two texts.
func either(cond bool, yes, no string) string {
	if cond {
		return yes
	}
	return no
}

// wholeNumber reads a whole number that was typed in a field, which is called as on the page; nothing is 0.
func wholeNumber(text, field, label string) (int, error) {
	if text = strings.TrimSpace(text); text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, greenroom.FieldErrorf(field, "%s: expected a whole number, not %q", label, text)
	}
	return n, nil
}

// formNumber reads a whole number of a form; an empty field is 0.
func formNumber(r *http.Request, name string) (int, error) {
	labels := map[string]string{
		"revision": "The revision of the draft", "weekday": "The day of the week", "hour": "The hour", "days": "The days", "again": "The days until somebody may enter again", "percent": "The percent that are held out",
		"amount": "The length of the wait", "destination_id": "The destination",
	}
	return wholeNumber(r.FormValue(name), name, firstText(labels[name], name))
}

// numbers reads whole numbers of a form into places; the first that is none is the error.
func numbers(r *http.Request, places map[string]*int) error {
	for _, name := range sortedKeys(places) {
		if !r.Form.Has(name) {
			continue
		}
		n, err := formNumber(r, name)
		if err != nil {
			return err
		}
		*places[name] = n
	}
	return nil
}

// changeDraft edits the draft and goes back to the editor, at a card.
func (p *workflowPages) changeDraft(w http.ResponseWriter, r *http.Request, at func() string, change func(name *string, d *workflow.Definition) error) error {
	if err := r.ParseForm(); err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "the form cannot be read")
	}
	revision, err := formNumber(r, "revision")
	if err != nil {
		return err
	}
	f, err := p.cfg.Workflows.Edit(r.Context(), r.PathValue("key"), int64(revision), person(r).Actor, change)
	if err != nil {
		return err
	}
	http.Redirect(w, r, workflowHref(f.Key)+"/edit"+at(), http.StatusSeeOther)
	return nil
}

func (p *workflowPages) saveTrigger(w http.ResponseWriter, r *http.Request) error {
	open := false
	return p.changeDraft(w, r, func() string { return either(open, "?open=trigger#trigger", "#trigger") }, func(_ *string, d *workflow.Definition) error {
		t := &d.Trigger
		was := *t
		kind := workflow.TriggerKind(r.FormValue("kind"))
		first := kind == "first"
		if first {
			kind = workflow.OnActivity
		}
		d.Where = strings.TrimSpace(r.FormValue("where"))
		if kind != was.Kind {
			*t, open = freshTrigger(r.FormValue("kind"), ""), true // what the new kind needs is asked next
			return nil
		}
		t.First = first
		t.Query, t.Segment, t.Survey = strings.TrimSpace(r.FormValue("query")), r.FormValue("segment"), strings.TrimSpace(r.FormValue("survey"))
		t.Of, t.Field = r.FormValue("of"), strings.TrimSpace(r.FormValue("field"))
		return numbers(r, map[string]*int{"weekday": &t.Weekday, "hour": &t.Hour, "days": &t.Days})
	})
}

func (p *workflowPages) saveSettings(w http.ResponseWriter, r *http.Request) error {
	return p.changeDraft(w, r, func() string { return "" }, func(name *string, d *workflow.Definition) error {
		*name = r.FormValue("name")
		d.Sender = r.FormValue("sender")
		d.Stop = workflow.Stop{Reply: r.FormValue("stop_reply") != "", Left: r.FormValue("stop_left") != "", Did: strings.TrimSpace(r.FormValue("stop_did"))}
		d.HoldOut.Outcome = strings.TrimSpace(r.FormValue("outcome"))
		minutes, err := strconv.ParseFloat(cmp.Or(strings.TrimSpace(r.FormValue("minutes")), "0"), 64)
		if err != nil {
			return greenroom.Errorf(greenroom.CodeInvalid, "%q is no number of minutes", r.FormValue("minutes"))
		}
		d.Minutes = minutes
		return numbers(r, map[string]*int{"again": &d.Again, "percent": &d.HoldOut.Percent, "days": &d.HoldOut.Days})
	})
}

// stepsAt finds the list that a place is in, and where: "" is before the first step, s3 behind a step, s3.yes before the
// first of its branch.
func stepsAt(steps *[]workflow.Step, at string) (list *[]workflow.Step, index int) {
	if at == "" {
		return steps, 0
	}
	for i := range *steps {
		s := &(*steps)[i]
		switch at {
		case s.ID:
			return steps, i + 1
		case s.ID + ".yes":
			return &s.Yes, 0
		case s.ID + ".no":
			return &s.No, 0
		}
		for _, below := range []*[]workflow.Step{&s.Yes, &s.No} {
			if list, index := stepsAt(below, at); list != nil {
				return list, index
			}
		}
	}
	return nil, 0
}

func (p *workflowPages) addStep(w http.ResponseWriter, r *http.Request) error {
	known, err := p.cfg.Workflows.Known(r.Context())
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "the form cannot be read")
	}
	at := r.FormValue("at")
	f, err := p.cfg.Workflows.Edit(r.Context(), r.PathValue("key"), 0, person(r).Actor, func(_ *string, d *workflow.Definition) error {
		list, index := stepsAt(&d.Steps, at)
		if list == nil {
			return greenroom.Errorf(greenroom.CodeConflict, "the place where the step was to be is gone; look at it again")
		}
		s, err := freshStep(r.FormValue("kind"), d, known, person(r).Seed)
		if err != nil {
			return err
		}
		*list = slices.Insert(*list, index, s)
		return nil
	})
	if err != nil {
		return err
	}
	to := workflowHref(f.Key) + "/edit"
	if list, index := stepsAt(&f.Draft.Steps, at); list != nil && index < len(*list) {
		id := (*list)[index].ID
		to += "?open=" + id + "#" + id
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// freshStep is a step as it is begun with: it works as it is, as far as that can be.
func freshStep(kind string, d *workflow.Definition, known *workflow.Known, me string) (workflow.Step, error) {
	began := d.Trigger.Kind == workflow.OnActivity || d.Trigger.Kind == workflow.OnSurvey
	if _, ok := known.People[strings.ToLower(me)]; !ok {
		me = ""
	}
	s := workflow.Step{Kind: workflow.StepKind(kind)}
	switch kind {
	case "message":
		s.Purpose, s.Approve, s.Text = consent.Care, true, "Hi {{first_name|there}},\n\nwelcome! Good to have you here."
		reach(&s, d, known)
	case "wait":
		s.Until, s.Amount, s.Unit = workflow.UntilTime, 3, "days"
	case "event":
		s.Kind, s.Until, s.Event, s.Amount, s.Unit = workflow.StepWait, workflow.UntilEvent, workflow.EventReply, 3, "days"
		if began {
			s.Event = workflow.EventAnswer
		}
	case "branch":
		s.If = workflow.IfSilent
		if began {
			s.If = workflow.IfUnanswered
		}
	case "task":
		s.Title, s.Days, s.Owner = "Have a look at {{name}}", 1, me
	case "alert":
		s.Title, s.Owner = "Have a look at {{name}}", me
		if began {
			s.Title, s.Text = "{{name}} waits in {{channel|the community}}", "{{conversation|They wrote something}}"
		}
		if all := sortedKeys(known.Destinations); len(all) > 0 {
			s.Destination, s.Owner = all[0], ""
		}
	case "crm":
		if len(known.CRMs) == 1 {
			s.Source = known.CRMs[0]
		}
	case "webhook", "tag", "untag", "field", "assign", "enroll", "survey", "end":
	default:
		return s, greenroom.Errorf(greenroom.CodeInvalid, "there is no step %q", kind)
	}
	return s, nil
}

func (p *workflowPages) saveStep(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("step")
	open := false
	return p.changeDraft(w, r, func() string { return either(open, "?open="+id, "") + "#" + id }, func(_ *string, d *workflow.Definition) error {
		s := findStep(d, id)
		if s == nil {
			return greenroom.Errorf(greenroom.CodeConflict, "the step is gone; look at it again")
		}
		var err error
		open, err = readStep(r, s)
		return err
	})
}

func findStep(d *workflow.Definition, id string) *workflow.Step {
	var found *workflow.Step
	d.Walk(func(s *workflow.Step, _ int) bool {
		if s.ID == id {
			found = s
		}
		return found == nil
	})
	return found
}

// readStep takes a step's form over; what the form does not have stays. It reports whether there is more to be asked.
func readStep(r *http.Request, s *workflow.Step) (more bool, err error) {
	text := func(name string, to *string) {
		if r.Form.Has(name) {
			*to = strings.TrimSpace(strings.ReplaceAll(r.FormValue(name), "\r\n", "\n"))
		}
	}
	text("text", &s.Text)
	text("subject", &s.Subject)
	text("title", &s.Title)
	text("owner", &s.Owner)
	text("sender", &s.Sender)
	text("tag", &s.Tag)
	text("field", &s.Field)
	text("value", &s.Value)
	text("source", &s.Source)
	text("property", &s.Property)
	text("program", &s.Program)
	text("survey", &s.Survey)
	text("query", &s.Query)
	text("segment", &s.Segment)
	text("date", &s.Date)
	destination := int(s.Destination)
	if err := numbers(r, map[string]*int{"amount": &s.Amount, "hour": &s.Hour, "weekday": &s.Weekday, "days": &s.Days, "destination_id": &destination}); err != nil {
		return false, err
	}
	s.Destination = int64(destination)
	if unit := r.FormValue("unit"); unit != "" {
		s.Unit = unit
	}
	switch s.Kind {
	case workflow.StepMessage:
		was := s.Channel
		s.Channel, s.Purpose, s.Approve = outbox.Channel(r.FormValue("channel")), consent.Purpose(r.FormValue("purpose")), r.FormValue("approve") != ""
		if s.Place = workflow.Place(r.FormValue("place")); s.Channel == outbox.Email {
			s.Place = ""
		}
		return was != s.Channel && (was == outbox.Email || s.Channel == outbox.Email), nil
	case workflow.StepWait:
		return readWait(s, r.FormValue("wait")), nil
	case workflow.StepBranch:
		s.If = workflow.Condition(r.FormValue("if"))
		if s.If == workflow.IfUnanswered || s.If == workflow.IfSilent {
			s.Query = ""
		}
	case workflow.StepCRM:
		s.Approve = r.FormValue("approve") != ""
	case workflow.StepTask, workflow.StepAssign, workflow.StepTag, workflow.StepUntag, workflow.StepField, workflow.StepEnroll, workflow.StepSurvey, workflow.StepWebhook, workflow.StepAlert, workflow.StepEnd:
	}
	return false, nil
}

func readWait(s *workflow.Step, wait string) (more bool) {
	was, event := s.Until, s.Event
	switch until := workflow.Until(wait); until {
	case workflow.UntilTime, workflow.UntilWorking, workflow.UntilHour, workflow.UntilDate:
		s.Until, s.Event = until, ""
		s.Yes = append(s.Yes, s.No...) // steps of branches are not lost, but stand where both would have led
		if len(s.Yes) > 0 {
			s.Until, s.Event = was, event // as long as there are any, it stays a wait with branches
			s.Yes = s.Yes[:len(s.Yes)-len(s.No)]
			return true
		}
		s.No = nil
	default:
		s.Until, s.Event = workflow.UntilEvent, workflow.Event(wait)
	}
	if s.Amount == 0 {
		s.Amount = 3
	}
	if s.Unit == "" {
		s.Unit = "days"
	}
	return was != s.Until || event != s.Event
}

// arrange moves a step or takes it away. The steps of its branches go with it.
func (p *workflowPages) arrange(w http.ResponseWriter, r *http.Request) error {
	id, how := r.PathValue("step"), r.PathValue("how")
	return p.changeDraft(w, r, func() string { return either(how == "remove", "", "#"+id) }, func(_ *string, d *workflow.Definition) error {
		list, behind := stepsAt(&d.Steps, id)
		if list == nil || behind == 0 {
			return greenroom.Errorf(greenroom.CodeConflict, "the step is gone; look at it again")
		}
		i := behind - 1
		switch {
		case how == "remove":
			*list = slices.Delete(*list, i, i+1)
		case how == "up" && i > 0:
			(*list)[i-1], (*list)[i] = (*list)[i], (*list)[i-1]
		case how == "down" && behind < len(*list):
			(*list)[behind], (*list)[i] = (*list)[i], (*list)[behind]
		}
		return nil
	})
}
