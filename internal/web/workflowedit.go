// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
	"greenroom/internal/web/ui"
	"greenroom/internal/workflow"
)

// flowLine is a line of a workflow as it is drawn: a card, the name of a branch, or the place where a step can be added.
type flowLine struct {
	Depth int
	Label string // of a branch
	Card  *flowCard
	Add   *flowAdd
}

// flowCard is a step, or what stands above all steps.
type flowCard struct {
	ID, Lead, Title string
	Sub, Quote      string
	Count, CountTo  string
	CountNote       string
	Problems        []string
	Href            string // opens it
	Open            *ui.Form
	Arrange         []ui.Action
	Preview         *flowPreview
}

// flowPreview is a message as a member would get it.
type flowPreview struct {
	Form          ui.Form
	Subject, Text string
	To, Why       string
}

// flowAdd is where a step can be added.
type flowAdd struct {
	Post, At, Name string
	Open           bool
	First, More    []ui.Action
}

// workflowEditBody is what workflowedit.html shows.
type workflowEditBody struct {
	Head     ui.Head
	Lines    []flowLine
	Settings ui.Form
	Problems []string
	Fields   []workflow.PersonalField
}

// lead names a step's kind on its card.
func lead(s *workflow.Step) string {
	switch s.Kind {
	case workflow.StepBranch:
		return "If"
	case workflow.StepAlert:
		return "Tell"
	case workflow.StepUntag:
		return "Tag"
	case workflow.StepMessage, workflow.StepWait, workflow.StepTask, workflow.StepAssign, workflow.StepTag, workflow.StepField, workflow.StepEnroll, workflow.StepSurvey, workflow.StepWebhook, workflow.StepEnd:
	case workflow.StepCRM:
		return "CRM"
	}
	return title(string(s.Kind))
}

// kinds are the steps that can be added.
func addable(first bool) []ui.Action {
	kinds := [][2]string{{"message", "Message"}, {"wait", "Wait"}, {"event", "Wait until something happens"}, {"branch", "If"}, {"alert", "Tell the team"}, {"task", "Task"}}
	if !first {
		kinds = [][2]string{{"tag", "Tag"}, {"untag", "Take a tag away"}, {"field", "Set a field"}, {"assign", "Give the conversation to"}, {"enroll", "Enroll"}, {"survey", "Survey"}, {"crm", "Update the CRM"}, {"webhook", "Webhook"}, {"end", "End"}}
	}
	var all []ui.Action
	for _, k := range kinds {
		all = append(all, ui.Action{Label: k[1], Submit: true, Name: "kind", Value: k[0], Small: true})
	}
	return all
}

// drawing draws the steps of a definition.
type drawing struct {
	key   string
	edit  bool
	lines []flowLine
	card  func(s *workflow.Step, at, of int) *flowCard
}

func (d *drawing) steps(steps []workflow.Step, at string, depth int) {
	d.add(at, depth, "before the first step", len(steps) == 0 && depth == 0)
	for i := range steps {
		s := &steps[i]
		d.lines = append(d.lines, flowLine{Depth: depth, Card: d.card(s, i, len(steps))})
		if s.Forks() {
			yes, no := "If so", "If not"
			if s.Kind == workflow.StepWait {
				yes, no = "If it happened", "If it did not"
			}
			d.branch(s.Yes, s.ID+".yes", yes, depth)
			d.branch(s.No, s.ID+".no", no, depth)
		}
		d.add(s.ID, depth, "behind "+s.Words(), i+1 == len(steps) && depth == 0)
	}
}

func (d *drawing) branch(steps []workflow.Step, at, label string, depth int) {
	if len(steps) == 0 && !d.edit {
		return
	}
	d.lines = append(d.lines, flowLine{Depth: depth + 1, Label: label})
	d.steps(steps, at, depth+1)
}

func (d *drawing) add(at string, depth int, name string, open bool) {
	if d.edit {
		d.lines = append(d.lines, flowLine{Depth: depth, Add: &flowAdd{Post: workflowHref(d.key) + "/edit/add", At: at, Name: name, Open: open, First: addable(true), More: addable(false)}})
	}
}

// sub is the small line of a card.
func sub(s *workflow.Step, known *workflow.Known) (sub, quote string) {
	switch s.Kind {
	case workflow.StepMessage:
		parts := []string{}
		if s.Approve {
			parts = append(parts, "waits for approval")
		}
		if s.Sender != "" {
			parts = append(parts, "from "+s.Sender)
		}
		if s.Subject != "" {
			parts = append(parts, s.Subject)
		}
		return strings.Join(parts, " · "), s.Text
	case workflow.StepTask:
		who := "for whoever takes it"
		if s.Owner != "" {
			who = "for " + s.Owner
		}
		if s.Days > 0 {
			who += ", due in " + countText(int64(s.Days), "day", "days")
		}
		return who, s.Text
	case workflow.StepAlert, workflow.StepWebhook:
		if d, ok := known.Destinations[s.Destination]; ok {
			return "at " + d.Name, s.Text
		}
		if s.Owner != "" {
			return "a notice for " + s.Owner, s.Text
		}
	case workflow.StepWait, workflow.StepBranch, workflow.StepAssign, workflow.StepTag, workflow.StepUntag, workflow.StepField, workflow.StepEnroll, workflow.StepSurvey, workflow.StepCRM, workflow.StepEnd:
	}
	return "", ""
}

func (p *workflowPages) edit(w http.ResponseWriter, r *http.Request) error {
	f, err := p.cfg.Workflows.Get(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	known, err := p.cfg.Workflows.Known(r.Context())
	if err != nil {
		return err
	}
	problems, err := p.cfg.Workflows.Check(r.Context(), &f.Draft)
	if err != nil {
		return err
	}
	href := workflowHref(f.Key)
	body := workflowEditBody{Head: ui.Head{Title: f.Name, Subtitle: "What members who enter will go through. Every change is saved as you make it; members notice nothing until you turn it on.", Back: &ui.Action{Label: "Workflows", Href: "/workflows"}, Pills: []ui.Pill{flowState(&f)}}}
	if f.Version > 0 {
		body.Head.Back = &ui.Action{Label: f.Name, Href: href}
	}
	body.Head.Actions = editActions(&f, href, len(problems))
	by := make(map[string][]string)
	for _, x := range problems {
		by[x.Step] = append(by[x.Step], sentence(x.Text))
		if x.Step == "" && !strings.HasPrefix(x.Field, "trigger") && x.Field != "where" {
			body.Problems = append(body.Problems, sentence(x.Text))
		}
	}
	open := r.URL.Query().Get("open")
	body.Lines = append(body.Lines, flowLine{Card: p.triggerCard(&f, known, problems, open == "trigger")})
	d := &drawing{key: f.Key, edit: true, card: func(s *workflow.Step, at, of int) *flowCard {
		c := &flowCard{ID: s.ID, Lead: lead(s), Title: s.Words(), Problems: by[s.ID], Href: href + "/edit?open=" + s.ID + "#" + s.ID}
		c.Sub, c.Quote = sub(s, known)
		c.Arrange = arrangeActions(href, s, at, of)
		if open == s.ID {
			form := stepForm(s, known)
			form.Post = href + "/edit/step/" + s.ID
			form.Hidden = []ui.Hidden{{Name: "revision", Value: idText(f.Revision)}}
			c.Open, c.Href = &form, ""
			if s.Kind == workflow.StepMessage {
				c.Preview = p.preview(r, &f, s)
			}
		}
		return c
	}}
	d.steps(f.Draft.Steps, "", 0)
	body.Lines = append(body.Lines, d.lines...)
	body.Settings = settingsForm(&f, known)
	body.Fields = workflow.PersonalFields()
	return render(p.Site, w, r, p.editView, f.Name, body)
}

func editActions(f *workflow.Workflow, href string, problems int) []ui.Action {
	all := []ui.Action{{Label: "Dry run", Href: href + "/dry-run"}}
	why := ""
	if problems > 0 {
		why = "there is " + countText(int64(problems), "problem", "problems") + " to solve first"
	}
	switch {
	case f.State != workflow.On:
		all = append(all, ui.Action{Label: "Turn on", Post: href + "/turn/on", Style: ui.StylePrimary, Disabled: why})
	case f.Changed:
		all = append(all, ui.Action{Label: "Discard the changes", Post: href + "/discard"}, ui.Action{Label: "Publish as version " + idText(f.Version+1), Post: href + "/publish", Style: ui.StylePrimary, Disabled: why})
	}
	return all
}

func arrangeActions(href string, s *workflow.Step, at, of int) []ui.Action {
	to := href + "/edit/step/" + s.ID
	var all []ui.Action
	if at > 0 {
		all = append(all, ui.Action{Label: "Up", Label2: "Move up: " + s.Words(), Post: to + "/up", Small: true, Style: ui.StyleQuiet})
	}
	if at+1 < of {
		all = append(all, ui.Action{Label: "Down", Label2: "Move down: " + s.Words(), Post: to + "/down", Small: true, Style: ui.StyleQuiet})
	}
	return append(all, ui.Action{Label: "Remove", Label2: "Remove: " + s.Words(), Post: to + "/remove", Small: true, Style: ui.StyleQuiet})
}

func (p *workflowPages) triggerCard(f *workflow.Workflow, known *workflow.Known, problems []workflow.Problem, open bool) *flowCard {
	t := &f.Draft.Trigger
	href := workflowHref(f.Key)
	c := &flowCard{ID: "trigger", Lead: "When", Title: t.Words(), Href: href + "/edit?open=trigger#trigger"}
	c.Sub = triggerSub(&f.Draft)
	for _, x := range problems {
		if x.Step == "" && (strings.HasPrefix(x.Field, "trigger") || x.Field == "where") {
			c.Problems = append(c.Problems, sentence(x.Text))
		}
	}
	if open {
		form := triggerForm(&f.Draft, known)
		form.Post = href + "/edit/trigger"
		form.Hidden = []ui.Hidden{{Name: "revision", Value: idText(f.Revision)}}
		c.Open, c.Href = &form, ""
	}
	return c
}

func triggerSub(d *workflow.Definition) string {
	var parts []string
	if d.Trigger.Query != "" {
		parts = append(parts, d.Trigger.Query)
	}
	if d.Where != "" {
		parts = append(parts, "members who fit "+d.Where)
	}
	if d.Again > 0 {
		parts = append(parts, "again after "+countText(int64(d.Again), "day", "days"))
	} else {
		parts = append(parts, "once for each member")
	}
	return strings.Join(parts, " · ")
}

// preview shows a message for a member that is asked for.
func (p *workflowPages) preview(r *http.Request, f *workflow.Workflow, s *workflow.Step) *flowPreview {
	who := r.URL.Query().Get("member")
	v := &flowPreview{Form: ui.Form{Get: workflowHref(f.Key) + "/edit", Hidden: []ui.Hidden{{Name: "open", Value: s.ID}}, Fields: []ui.Field{{Name: "member", Label: "Show it for the member", Value: who, Choose: "/members/choose", Prefix: "preview-", OneOf: true}}, Actions: []ui.Action{{Label: "Show", Submit: true}}}}
	id, err := strconv.ParseInt(who, 10, 64)
	if err != nil {
		return v
	}
	msg, why, err := p.cfg.Workflows.Preview(r.Context(), f.Key, s.ID, id)
	if err != nil {
		v.Why = sentence(greenroom.ErrorMessage(err))
		return v
	}
	v.Why = sentence(why)
	if msg != nil {
		v.Subject, v.Text, v.To = msg.Subject, msg.Text, msg.Member
		if msg.To != "" {
			v.To += ", " + msg.To
		}
	}
	return v
}

func flowOptions(pairs ...string) []ui.Option {
	var all []ui.Option
	for i := 0; i+1 < len(pairs); i += 2 {
		all = append(all, ui.Option{Value: pairs[i], Label: pairs[i+1]})
	}
	return all
}

func weekdayOptions(any string) []ui.Option {
	return flowOptions("0", any, "1", "Monday", "2", "Tuesday", "3", "Wednesday", "4", "Thursday", "5", "Friday", "6", "Saturday", "7", "Sunday")
}

func hours() []ui.Option {
	var all []ui.Option
	for h := range 24 {
		all = append(all, ui.Option{Value: strconv.Itoa(h), Label: strconv.Itoa(h) + ":00"})
	}
	return all
}

func peopleOptions(known *workflow.Known, none string) []ui.Option {
	all := flowOptions("", none)
	for _, email := range sortedKeys(known.People) {
		all = append(all, ui.Option{Value: email, Label: firstText(known.People[email], email)})
	}
	return all
}

func segmentOptions(known *workflow.Known) []ui.Option {
	all := flowOptions("", "Choose a segment")
	for _, k := range known.Segments {
		all = append(all, ui.Option{Value: k, Label: k})
	}
	return all
}

func triggerForm(d *workflow.Definition, known *workflow.Known) ui.Form {
	t := &d.Trigger
	kind := string(t.Kind)
	if t.Kind == workflow.OnActivity && t.First {
		kind = "first"
	}
	fields := []ui.Field{{Name: "kind", Label: "Who enters, and when", Type: "select", Value: kind, Options: triggerKinds(), Help: "Save after another choice, and what it needs is asked here."}}
	switch t.Kind {
	case workflow.OnActivity, workflow.OnSurvey:
		if t.Kind == workflow.OnSurvey {
			fields = append(fields, ui.Field{Name: "survey", Label: "The survey's title", Value: t.Survey, Help: "Left empty, any survey."})
		}
		fields = append(fields, ui.Field{Name: "query", Label: "What they do, as a query over activities", Value: t.Query, Placeholder: "channel:#help is:question", OneOf: true})
	case workflow.OnEntered, workflow.OnLeft:
		fields = append(fields, ui.Field{Name: "segment", Label: "Segment", Type: "select", Value: t.Segment, Options: segmentOptions(known)})
	case workflow.OnSchedule:
		fields = append(fields, ui.Field{Name: "weekday", Label: "On", Type: "select", Value: strconv.Itoa(t.Weekday), Options: weekdayOptions("Every day")}, ui.Field{Name: "hour", Label: "At", Type: "select", Value: strconv.Itoa(t.Hour), Options: hours()})
	case workflow.OnDate:
		fields = append(fields,
			ui.Field{Name: "of", Label: "A date of", Type: "select", Value: t.Of, Options: flowOptions("member", "The member", "organization", "Their organization", "record", "A business record of theirs, such as a deal")},
			ui.Field{Name: "field", Label: "The field that has it", Value: t.Field, Placeholder: "trial_started", OneOf: true, Help: "A custom field, or first_active and joined of a member, opened_at and closed_at of a record."},
			ui.Field{Name: "days", Label: "Days after it", Type: "number", Value: strconv.Itoa(t.Days), Required: true, Help: "Below 0: before it."}, ui.Field{Name: "hour", Label: "At", Type: "select", Value: strconv.Itoa(t.Hour), Options: hours()})
	case workflow.OnWebhook, workflow.OnHand:
	}
	fields = append(fields, ui.Field{Name: "where", Label: "Only members who fit this query", Value: d.Where, Placeholder: "org.lifecycle:trial -tag:champion"})
	return ui.Form{Fields: fields, Actions: saveActions}
}

var saveActions = []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}}

func settingsForm(f *workflow.Workflow, known *workflow.Known) ui.Form {
	d := &f.Draft
	return ui.Form{Post: workflowHref(f.Key) + "/edit/settings", Hidden: []ui.Hidden{{Name: "revision", Value: idText(f.Revision)}}, Fields: []ui.Field{
		{Name: "name", Label: "Name", Value: f.Name, Required: true},
		{Name: "sender", Label: "Writes in the name of", Type: "select", Value: strings.ToLower(d.Sender), Options: peopleOptions(known, "The community")},
		{Name: "again", Label: "Days until somebody may enter again", Type: "number", Value: strconv.Itoa(d.Again), Required: true, Help: "0: never."},
		{Name: "stop_reply", Label: "End when they write back", Type: "checkbox", Checked: d.Stop.Reply},
		{Name: "stop_left", Label: "End when they leave the segment that let them in", Type: "checkbox", Checked: d.Stop.Left},
		{Name: "stop_did", Label: "End when they do this", Value: d.Stop.Did, Placeholder: "kind:attendance"},
		{Name: "percent", Label: "Percent who get nothing, at random", Type: "number", Value: strconv.Itoa(d.HoldOut.Percent), Required: true, Help: "So that it can be told whether the workflow helps. 0: nobody; 20 is a good share."},
		{Name: "outcome", Label: "What they are to do", Value: d.HoldOut.Outcome, Placeholder: written, Help: "A query over activities. Both groups are compared by it."},
		{Name: "days", Label: "Within days", Type: "number", Value: strconv.Itoa(cmp.Or(d.HoldOut.Days, 30)), Required: true},
		{Name: "minutes", Label: "Minutes that one run takes by hand", Type: "number", Value: strconv.FormatFloat(d.Minutes, 'f', -1, 64), Required: true, Help: "Hours saved are counted from it."},
	}, Actions: saveActions}
}

func stepForm(s *workflow.Step, known *workflow.Known) ui.Form {
	form := ui.Form{Actions: saveActions}
	num := func(n int) string { return strconv.Itoa(n) }
	text := ui.Field{Name: "text", Label: "Text", Type: "textarea", Value: s.Text, Rows: 6, OneOf: true, Help: "Markdown. {{first_name|there}} becomes their first name, or “there” where it is not known."}
	owner := ui.Field{Name: "owner", Label: "Who", Type: "select", Value: strings.ToLower(s.Owner), Options: peopleOptions(known, "Nobody yet")}
	switch s.Kind {
	case workflow.StepMessage:
		form.Fields = messageFields(s, text, known)
	case workflow.StepWait:
		form.Fields = waitFields(s, known)
	case workflow.StepBranch:
		form.Fields = []ui.Field{
			{Name: "if", Label: "If", Type: "select", Value: string(s.If), Options: flowOptions("unanswered", "nobody has answered them", "silent", "they have not written back", "member", "the member fits a query", "activity", "what they did fits a query", "conversation", "the conversation fits a query")},
			{Name: "query", Label: "The query", Value: s.Query, Placeholder: "org.lifecycle:trial", Help: "Only for the last three."},
		}
	case workflow.StepTask:
		form.Fields = []ui.Field{{Name: "title", Label: "What is to be done", Value: s.Title, OneOf: true}, owner, {Name: "days", Label: "Due in days", Type: "number", Value: num(s.Days), Required: true, Help: "0: no date."}, text}
	case workflow.StepAlert:
		form.Fields = []ui.Field{{Name: "destination_id", Label: "Where", Type: "select", Value: idText(s.Destination), Options: destinationOptions(known, "A notice in Greenroom", "")}, owner, {Name: "title", Label: "In one line", Value: s.Title, OneOf: true}, text}
	case workflow.StepWebhook:
		form.Fields = []ui.Field{{Name: "destination_id", Label: "Where", Type: "select", Value: idText(s.Destination), Options: destinationOptions(known, "Choose a webhook", outbox.Webhook)}, text}
	case workflow.StepTag, workflow.StepUntag:
		form.Fields = []ui.Field{{Name: "tag", Label: "Tag", Value: s.Tag, OneOf: true}}
	case workflow.StepField:
		form.Fields = []ui.Field{{Name: "field", Label: "Field", Value: s.Field, OneOf: true}, {Name: "value", Label: "Value", Value: s.Value, Help: "Left empty, the field is taken away."}}
	case workflow.StepAssign:
		form.Fields = []ui.Field{owner}
	case workflow.StepEnroll:
		form.Fields = []ui.Field{{Name: "program", Label: "Program", Value: s.Program, OneOf: true}}
	case workflow.StepSurvey:
		form.Fields = []ui.Field{{Name: "survey", Label: "Survey", Value: s.Survey, OneOf: true}}
	case workflow.StepCRM:
		crms := []ui.Option{{Label: "Choose a CRM"}}
		for _, name := range known.CRMs {
			crms = append(crms, ui.Option{Value: name, Label: name})
		}
		form.Fields = []ui.Field{
			{Name: "source", Label: "CRM", Type: "select", Value: s.Source, Options: crms},
			{Name: "property", Label: "Property of the contact", Value: s.Property, OneOf: true, Placeholder: "lifecyclestage", Help: "As the CRM calls it inside."},
			{Name: "value", Label: "Becomes", Value: s.Value, Help: "Personal fields such as {{name}} work here, too."},
			{Name: "approve", Label: "Waits on Actions until somebody approves it", Type: "checkbox", Checked: s.Approve},
		}
	case workflow.StepEnd:
	}
	return form
}

func messageFields(s *workflow.Step, text ui.Field, known *workflow.Known) []ui.Field {
	channels := []ui.Option{}
	for _, c := range []outbox.Channel{outbox.Email, outbox.Slack, outbox.Discord, outbox.Discourse, outbox.GitHub} {
		channels = append(channels, ui.Option{Value: string(c), Label: c.Label()})
	}
	var purposes []ui.Option
	for _, x := range consent.Purposes() {
		purposes = append(purposes, ui.Option{Value: string(x.Purpose), Label: x.Label})
	}
	purposes = append(purposes, ui.Option{Value: string(consent.Answer), Label: "The answer to what they asked"})
	fields := []ui.Field{
		{Name: "channel", Label: "On", Type: "select", Value: string(s.Channel), Options: channels},
		{Name: "place", Label: "Where", Type: "select", Value: firstText(string(s.Place), "direct"), Options: flowOptions("direct", "To them alone", "thread", "As a reply in the conversation with which it began")},
	}
	if s.Channel == outbox.Email {
		fields = []ui.Field{fields[0], {Name: "subject", Label: "Subject", Value: s.Subject, OneOf: true}}
	}
	return append(fields, text,
		ui.Field{Name: "approve", Label: "Each message waits until somebody has read and approved it", Type: "checkbox", Checked: s.Approve},
		ui.Field{Name: "sender", Label: "In the name of", Type: "select", Value: strings.ToLower(s.Sender), Options: peopleOptions(known, "As the workflow says")},
		ui.Field{Name: "purpose", Label: "Why they are written to", Type: "select", Value: string(s.Purpose), Options: purposes, Help: "Members choose which of these they want."})
}

func waitFields(s *workflow.Step, known *workflow.Known) []ui.Field {
	kind := string(s.Until)
	if s.Until == workflow.UntilEvent {
		kind = string(s.Event)
	}
	fields := []ui.Field{{Name: "wait", Label: "Wait", Type: "select", Value: kind, Help: "Save after another choice, and what it needs is asked here.", Options: flowOptions(
		"time", "for some time", "working", "for working hours, where they live", "hour", "until an hour of their day", "date", "until a date",
		"reply", "until they write back", "answer", "until somebody answers them", "activity", "until they do something", "entered", "until they enter a segment")}}
	amount := ui.Field{Name: "amount", Label: "How long", Type: "number", Value: strconv.Itoa(s.Amount), Required: true}
	unit := ui.Field{Name: "unit", Label: "In", Type: "select", Value: s.Unit, Options: flowOptions("minutes", "minutes", "hours", "hours", "days", "days")}
	hour := ui.Field{Name: "hour", Label: "At", Type: "select", Value: strconv.Itoa(s.Hour), Options: hours()}
	switch s.Until {
	case workflow.UntilTime:
		return append(fields, amount, unit)
	case workflow.UntilWorking:
		amount.Label = "Working hours"
		return append(fields, amount)
	case workflow.UntilHour:
		return append(fields, ui.Field{Name: "weekday", Label: "On", Type: "select", Value: strconv.Itoa(s.Weekday), Options: weekdayOptions("Any day")}, hour)
	case workflow.UntilDate:
		return append(fields, ui.Field{Name: "date", Label: "Date", Type: "date", Value: s.Date, OneOf: true}, hour)
	case workflow.UntilEvent:
	}
	amount.Label = "At most"
	switch s.Event {
	case workflow.EventActivity:
		fields = append(fields, ui.Field{Name: "query", Label: "What they do, as a query over activities", Value: s.Query, Placeholder: written, OneOf: true})
	case workflow.EventEntered:
		fields = append(fields, ui.Field{Name: "segment", Label: "Segment", Type: "select", Value: s.Segment, Options: segmentOptions(known)})
	case workflow.EventReply, workflow.EventAnswer:
	}
	return append(fields, amount, unit)
}

func destinationOptions(known *workflow.Known, none string, only outbox.Channel) []ui.Option {
	all := flowOptions("0", none)
	for _, id := range sortedKeys(known.Destinations) {
		if d := known.Destinations[id]; only == "" || d.Channel == only {
			all = append(all, ui.Option{Value: idText(id), Label: fmt.Sprintf("%s (%s)", d.Name, d.Channel.Label())})
		}
	}
	return all
}
