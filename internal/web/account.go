// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/business"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/web/ui"
)

// accountBody is what account.html shows.
type accountBody struct {
	Head     ui.Head
	KPIs     []ui.KPI
	Problems []string
	Health   ui.Rows
	Says     string
	Chances  ui.Rows
	Chart    *ui.Chart
	Story    ui.Rows
	People   ui.Table
	Asks     ui.Rows
	NoAsks   *ui.Empty
	Topics   ui.Rows
	Deals    *ui.Table
	Subs     *ui.Table
	Tickets  *ui.Table
	Facts    []ui.Fact
	Notes    ui.Rows
	Todo     ui.Rows
	Make     []ui.Action // tasks in CRMs
	Dialogs  []ui.Dialog
}

func (p *accountPages) show(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	o, err := p.cfg.Objects.Organization(r.Context(), id)
	if err != nil {
		return err
	}
	if o.ID != id {
		http.Redirect(w, r, accountsPath+"/"+idText(o.ID), http.StatusFound) // it is part of that one now
		return nil
	}
	v, f, deals, err := p.cfg.Accounts.Get(r.Context(), id)
	if err != nil {
		return err
	}
	body := accountBody{Head: ui.Head{Title: o.Name, Subtitle: "Account" + accountDot(domainsText(&o)), Back: &ui.Action{Label: "Accounts", Href: accountsPath}, Pills: []ui.Pill{healthPill(&v.Health)}}, Problems: v.Problems}
	if v.Lifecycle.State != "" {
		body.Head.Pills = append(body.Head.Pills, lifecyclePill(string(v.Lifecycle.State)))
	}
	body.Head.Actions = []ui.Action{{Label: "Organization", Href: "/organizations/" + idText(id)}}
	body.KPIs = accountFigures(&v)
	p.accountReasons(&v, &body)
	body.Chart = p.accountChart(&v, f, deals)
	body.Story = accountStory(f, deals)
	accountRecords(f, deals, &body)
	names, err := p.teamNames(r)
	if err != nil {
		return err
	}
	body.Facts = accountFacts(&v, o.Country, names)
	if err := p.accountPeople(r, id, o.Name, &body); err != nil {
		return err
	}
	if err := p.accountTodo(r, id, &body); err != nil {
		return err
	}
	notes, err := p.cfg.Accounts.Notes(r.Context(), id)
	if err != nil {
		return err
	}
	may := person(r).MayWrite
	body.Notes.Label = "Notes"
	for i := range notes {
		n := &notes[i]
		row := ui.Row{Title: n.By, Text: n.Text, Meta: []ui.Meta{{Time: n.At}}}
		if may {
			row.Actions = []ui.Action{{Label: "Remove", Label2: "Remove the note of " + n.By, Small: true, Style: ui.StyleQuiet, Post: accountHref(id) + "/notes/remove", Hidden: []ui.Hidden{{Name: "note", Value: idText(n.ID)}}}}
		}
		body.Notes.Items = append(body.Notes.Items, row)
	}
	if may {
		p.accountDialogs(&v, &body)
	}
	return render(p.Site, w, r, p.one, o.Name, body)
}

func accountDot(text string) string {
	if text == "" {
		return ""
	}
	return " · " + text
}

func accountFigures(v *business.View) []ui.KPI {
	of := func(entity, q string) string {
		return "/" + entity + "?q=" + url.QueryEscape("org.id:"+idText(v.Organization)+" "+q)
	}
	renewal := ui.KPI{Label: "Renewal", Value: ui.None, Href: "#records", Note: "no subscription tells one"}
	if !v.Renewal.IsZero() {
		renewal.Value, renewal.Note = dateText(v.Renewal), v.RenewalOf
	}
	return []ui.KPI{
		{Label: "People here", Value: ui.Number(int(v.People)), Href: of("members", "-is:bot"), Note: strconv.Itoa(v.Active) + " active in 90 days"},
		{Label: "Open questions", Value: ui.Number(v.Questions), Href: of("conversations", "is:question is:open"), Note: countText(int64(v.Open), "ticket is", "tickets are") + " open"},
		{Label: "Recurring a month", Value: moneyText(v.MRR, v.Currency), Href: "#records", Note: "open deals " + moneyText(v.Pipeline, v.Currency)},
		renewal,
	}
}

func reasonRows(label string, all []business.Reason) ui.Rows {
	rows := ui.Rows{Label: label}
	for _, x := range all {
		row := ui.Row{Lead: &ui.Pill{Text: title(x.Kind)}, Title: x.Text, Href: x.Href, Value: "+" + strconv.Itoa(x.Points)}
		if x.Points == 0 {
			row.Value = ""
		}
		rows.Items = append(rows.Items, row)
	}
	return rows
}

// accountReasons says how the account does and why.
func (p *accountPages) accountReasons(v *business.View, body *accountBody) {
	h := &v.Health
	body.Health, body.Chances = reasonRows("Reasons", h.Reasons), reasonRows("Signals", v.Chances)
	switch {
	case h.Level == business.Unknown:
		body.Says = "Nobody of this account was active in the last half year, and no ticket tells of it: how it does is not known."
	case h.Points == 0:
		body.Says = "Nothing speaks against it: activity, sentiment, questions, tickets and subscription are as usual."
	case h.Factor > 1:
		body.Says = strconv.Itoa(h.Sum) + " × " + strconv.FormatFloat(h.Factor, 'f', -1, 64) + " for the renewal = " + strconv.Itoa(h.Points) + " of 100 points. More is worse."
	default:
		body.Says = "The reasons add up to " + strconv.Itoa(h.Points) + " of 100 points. More is worse."
	}
}

// accountChart sets activity and product usage by week beside what happened in business, on one axis of time.
func (p *accountPages) accountChart(v *business.View, f *business.Facts, deals []greenroom.Deal) *ui.Chart {
	now, zone := p.cfg.Now(), p.cfg.Zones.Zone()
	c := &ui.Chart{Title: "Activities by week, and what happened in business", Kind: ui.Bars, Axis: "Week to"}
	begin := func(i int) time.Time { return now.AddDate(0, 0, -7*(business.Weeks-i)) }
	activity, usage := ui.Series{Name: "Activities"}, ui.Series{Name: "Product usage"}
	for i := range business.Weeks {
		from, to := begin(i).In(zone), begin(i+1).In(zone)
		c.Labels = append(c.Labels, to.Format("2 Jan"))
		span := "occurred:" + from.Format(time.DateOnly) + ".." + to.Format(time.DateOnly)
		activity.Values = append(activity.Values, float64(v.Activity[i]))
		activity.Hrefs = append(activity.Hrefs, "/activities?q="+url.QueryEscape("org.id:"+idText(v.Organization)+" "+span))
		if v.Usage != nil {
			usage.Values = append(usage.Values, float64(v.Usage[i]))
			usage.Hrefs = append(usage.Hrefs, "/activities?q="+url.QueryEscape("org.id:"+idText(v.Organization)+" kind:usage "+span))
		}
	}
	c.Series = []ui.Series{activity}
	if v.Usage != nil {
		c.Series = append(c.Series, usage)
	}
	marks := make(map[string][]string)
	for _, e := range accountEvents(f, deals) {
		i := business.Weeks - 1 - int(math.Floor(now.Sub(e.at).Hours()/(7*24)))
		if e.mark && i >= 0 && i < business.Weeks && !e.at.After(now) {
			marks[c.Labels[i]] = append(marks[c.Labels[i]], e.text)
		}
	}
	for _, label := range c.Labels {
		if texts := marks[label]; len(texts) > 0 {
			text := texts[0]
			if len(texts) > 1 {
				text += " +" + strconv.Itoa(len(texts)-1)
			}
			c.Marks = append(c.Marks, ui.Mark{At: label, Text: text})
		}
	}
	return c
}

// accountEvent is something that happened in business.
type accountEvent struct {
	at   time.Time
	text string
	what string
	tone ui.Tone
	mark bool // it stands in the chart, too
}

// accountEvents are the steps of deals, subscriptions and tickets, the newest first.
func accountEvents(f *business.Facts, deals []greenroom.Deal) []accountEvent {
	var all []accountEvent
	add := func(at time.Time, what, text string, tone ui.Tone, mark bool) {
		if !at.IsZero() {
			all = append(all, accountEvent{at, text, what, tone, mark})
		}
	}
	for i := range deals {
		d := &deals[i]
		for _, h := range d.History {
			add(h.At, "deal", firstText(d.Name, d.ExternalID)+": "+h.Stage, ui.ToneNone, true)
		}
		if len(d.History) == 0 {
			add(d.Opened, "deal", firstText(d.Name, d.ExternalID)+" opened", ui.ToneNone, true)
			if d.State != greenroom.DealOpen {
				tone := ui.ToneGood
				if d.State == greenroom.DealLost {
					tone = ui.ToneBad
				}
				add(d.Closed, "deal", firstText(d.Name, d.ExternalID)+" "+string(d.State), tone, true)
			}
		}
	}
	for i := range f.Subscriptions {
		s := &f.Subscriptions[i]
		name := firstText(s.Name, s.ExternalID)
		add(s.TrialStart, "trial", name+": trial begins", ui.ToneInfo, true)
		add(s.PaidSince(), "subscription", name+": pays", ui.ToneGood, true)
		add(s.End, "subscription", name+": ended", ui.ToneBad, true)
	}
	for i := range f.Tickets {
		t := &f.Tickets[i]
		tone := ui.ToneNone
		if t.Urgent() {
			tone = ui.ToneWarn
		}
		add(t.Opened, "ticket", firstText(t.Name, t.ExternalID), tone, t.Urgent())
	}
	slices.SortStableFunc(all, func(a, b accountEvent) int { return b.at.Compare(a.at) })
	return all
}

// accountStory lists the last things that happened in business.
func accountStory(f *business.Facts, deals []greenroom.Deal) ui.Rows {
	rows := ui.Rows{Label: "What happened in business"}
	for i, e := range accountEvents(f, deals) {
		if i == 12 {
			break
		}
		rows.Items = append(rows.Items, ui.Row{Lead: &ui.Pill{Text: e.what, Tone: e.tone}, Title: e.text, Meta: []ui.Meta{{Text: dateText(e.at)}}})
	}
	return rows
}

// accountRecords lists deals, subscriptions and tickets.
func accountRecords(f *business.Facts, deals []greenroom.Deal, body *accountBody) {
	amount := func(v float64, currency string) string {
		if v == 0 {
			return ""
		}
		return ui.Decimal(v, 0) + " " + currency
	}
	if len(deals) > 0 {
		body.Deals = &ui.Table{Caption: "Deals", Columns: []ui.Column{{Label: "Deal"}, {Label: "Stage"}, {Label: "Amount", Number: true}, {Label: "Opened"}, {Label: "Closed"}}}
		for i := range slices.Backward(deals) {
			d := &deals[i]
			tone := map[greenroom.DealState]ui.Tone{greenroom.DealWon: ui.ToneGood, greenroom.DealLost: ui.ToneBad, greenroom.DealOpen: ui.ToneInfo}[d.State]
			state := ui.Pill{Text: string(d.State), Tone: tone}
			if d.StateFrom == greenroom.StateUnknown {
				state = ui.Pill{Text: "open?", Tone: ui.ToneWarn, Title: "Nobody says what this stage means; see Business data"}
			}
			var steps []greenroom.Stage
			for _, h := range d.History {
				steps = append(steps, greenroom.Stage{Name: h.Stage, At: h.At})
			}
			body.Deals.Rows = append(body.Deals.Rows, ui.TableRow{ID: idText(d.ID), Cells: []ui.Cell{
				{Text: firstText(d.Name, d.ExternalID), Sub: strings.TrimPrefix(accountDot(d.Source)+accountDot(d.Owner), " · ")},
				{Text: d.Stage, Pills: []ui.Pill{state}, Sub: stagesText(steps)},
				{Text: amount(d.Amount, d.Currency)},
				{Text: dateText(d.Opened)},
				{Text: dateText(d.Closed)},
			}})
		}
	}
	if len(f.Subscriptions) > 0 {
		body.Subs = &ui.Table{Caption: "Subscriptions", Columns: []ui.Column{{Label: "Subscription"}, {Label: "State"}, {Label: "A month", Number: true}, {Label: "Seats", Number: true}, {Label: "Since"}, {Label: "Renewal"}}}
		for i := range f.Subscriptions {
			s := &f.Subscriptions[i]
			month := ui.Cell{Text: amount(s.MRR, s.Currency), Sub: s.Why}
			seats := ""
			if s.Seats > 0 {
				seats = ui.Decimal(s.Seats, 0)
				if s.SeatsUsed > 0 {
					seats = ui.Decimal(s.SeatsUsed, 0) + " of " + seats
				}
			}
			state := ui.Cell{Pills: []ui.Pill{{Text: string(s.State)}}}
			if s.Cancels {
				state.Pills = append(state.Pills, ui.Pill{Text: "will end", Tone: ui.ToneBad})
			}
			body.Subs.Rows = append(body.Subs.Rows, ui.TableRow{ID: idText(s.ID), Cells: []ui.Cell{{Text: firstText(s.Name, s.ExternalID), Sub: s.Source}, state, month, {Text: seats}, {Text: dateText(s.Start)}, {Text: dateText(s.Renewal)}}})
		}
	}
	if len(f.Tickets) > 0 {
		body.Tickets = &ui.Table{Caption: "Tickets, the newest first", Columns: []ui.Column{{Label: "Ticket"}, {Label: "State"}, {Label: "Priority"}, {Label: "Opened"}, {Label: "Solved"}}}
		for i := range slices.Backward(f.Tickets) {
			t := &f.Tickets[i]
			if len(body.Tickets.Rows) == 25 {
				break
			}
			body.Tickets.Rows = append(body.Tickets.Rows, ui.TableRow{ID: idText(t.ID), Cells: []ui.Cell{{Text: firstText(t.Name, t.ExternalID), Sub: t.Source}, {Text: t.Stage}, {Text: t.Priority}, {Text: dateText(t.Opened)}, {Text: dateText(t.Closed)}}})
		}
	}
}

func accountFacts(v *business.View, country string, names teamNames) []ui.Fact {
	facts := []ui.Fact{{Label: "Owner", Value: firstText(named(names, v.Owner), "nobody yet")}, {Label: "Next step", Value: firstText(v.NextStep, "none yet")}}
	if v.FollowUp != "" {
		facts = append(facts, ui.Fact{Label: "Follow up", Value: dayText(v.FollowUp)})
	}
	if v.Snoozed != "" {
		facts = append(facts, ui.Fact{Label: "Snoozed until", Value: dayText(v.Snoozed)})
	}
	for _, ph := range v.Lifecycle.Phases {
		facts = append(facts, ui.Fact{Label: title(string(ph.State)) + " since", Value: dateText(ph.From) + ", by " + ph.Origin})
	}
	if said := v.Lifecycle.Said; said != "" && said != v.Lifecycle.State {
		facts = append(facts, ui.Fact{Label: "The source says", Value: string(said)})
	}
	if country != "" {
		facts = append(facts, ui.Fact{Label: "Country", Value: country})
	}
	return facts
}

// accountPeople shows who is here and what they ask.
func (p *accountPages) accountPeople(r *http.Request, id int64, name string, body *accountBody) error {
	of, err := query.Parse(p.schemas[query.Members], "org.id:"+idText(id)+" -is:bot sort:-activities")
	if err != nil {
		return err
	}
	members, err := p.cfg.Lists.ListMembers(r.Context(), list.Request{Query: of, Limit: 12})
	if err != nil {
		return err
	}
	body.People = ui.Table{Caption: "People of " + name, Columns: []ui.Column{{Label: "Name"}, {Label: "Role"}, {Label: "Activities", Number: true}, {Label: "Last active"}}}
	for i := range members.Items {
		m := &members.Items[i]
		row := memberRow(m)
		row.Cells = []ui.Cell{row.Cells[0], {Text: m.Title}, row.Cells[3], row.Cells[5]}
		body.People.Rows = append(body.People.Rows, row)
	}
	if len(members.Items) == 0 {
		body.People.Empty = &ui.Empty{Title: "Nobody yet", Text: "No member has an e-mail address of this organization, and no business record names one."}
	}
	asks, err := query.Parse(p.schemas[query.Conversations], "org.id:"+idText(id)+" is:question is:open sort:-opened")
	if err != nil {
		return err
	}
	open, err := p.cfg.Lists.ListConversations(r.Context(), list.Request{Query: asks, Limit: 8})
	if err != nil {
		return err
	}
	body.Asks.Label = "Open questions"
	for i := range open.Items {
		body.Asks.Items = append(body.Asks.Items, conversationRow(&open.Items[i], p.cfg.Now()))
	}
	if len(open.Items) == 0 {
		body.NoAsks = &ui.Empty{Title: "No question is open", Text: "Everything that its people asked has an answer."}
	}
	if p.cfg.AccountTopics == nil {
		return nil
	}
	topics, err := p.cfg.AccountTopics.AccountTopics(r.Context(), id, 180)
	if err != nil {
		return err
	}
	body.Topics.Label = "Topics of the last 180 days"
	for _, t := range topics {
		body.Topics.Items = append(body.Topics.Items, ui.Row{Title: t.Name, Href: "/topics/" + idText(t.ID), Value: countText(int64(t.Messages), "message", "messages")})
	}
	return nil
}

// accountDialogs are what somebody may do with an account.
func (p *accountPages) accountDialogs(v *business.View, body *accountBody) {
	here := accountHref(v.Organization)
	body.Head.Actions = append(body.Head.Actions, ui.Action{Label: "Add a note", Dialog: "note"}, ui.Action{Label: "Next step…", Dialog: "step", Style: ui.StylePrimary})
	body.Dialogs = []ui.Dialog{
		{ID: "step", Title: "Owner and next step", Text: "A next step becomes a task of its owner, due on the day of the follow-up.", Form: ui.Form{
			Post: here, Hidden: []ui.Hidden{{Name: "version", Value: idText(v.Version)}},
			Fields: []ui.Field{
				{Name: "owner", Label: "Owner", Type: "email", Value: v.Owner, Placeholder: "ana@example.com"},
				{Name: "next_step", Label: "Next step", Value: v.NextStep},
				{Name: "follow_up", Label: "Follow up on", Type: "date", Value: v.FollowUp},
				{Name: "snoozed", Label: "Leave out of the lists until", Type: "date", Value: v.Snoozed},
			}, Actions: []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}},
		}},
		{ID: "note", Title: "Add a note", Form: ui.Form{Post: here + "/notes", Fields: []ui.Field{{Name: "text", Label: "What is to be remembered", Type: "textarea", Required: true}}, Actions: []ui.Action{{Label: "Add", Submit: true, Style: ui.StylePrimary}}}},
	}
}

func (p *accountPages) save(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	version, err := strconv.ParseInt(r.FormValue("version"), 10, 64)
	if err != nil || version < 0 {
		return greenroom.Errorf(greenroom.CodeInvalid, "the form does not say which version it was made from; open the account again")
	}
	at := func(name string) *string {
		v := r.FormValue(name)
		return &v
	}
	if _, err := p.cfg.Accounts.Change(r.Context(), []int64{id}, version, business.Patch{Owner: at("owner"), NextStep: at("next_step"), FollowUp: at("follow_up"), Snoozed: at("snoozed")}, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, accountHref(id), "Saved.", "")
}

func (p *accountPages) addNote(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if _, err := p.cfg.Accounts.AddNote(r.Context(), id, r.FormValue("text"), person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, accountHref(id), "Noted.", "")
}

func (p *accountPages) removeNote(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	note, err := strconv.ParseInt(r.FormValue("note"), 10, 64)
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "the form does not say which note")
	}
	if err := p.cfg.Accounts.RemoveNote(r.Context(), id, note, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, accountHref(id), "The note is gone.", "")
}
