// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gallery

import (
	"time"

	"greenroom/internal/web/ui"
)

func assign(title string) []ui.Action {
	return []ui.Action{{Label: "Assign", Label2: "Assign: " + title, Post: "/done", Swap: "none", Small: true}}
}

func (g *Gallery) lists(b *Body) {
	b.Waiting = ui.Rows{Label: "Needs an answer", Items: []ui.Row{
		{
			ID: "c1", Avatar: &ui.Avatar{Name: "Mina Kovač", Seed: "mina"}, Title: "How do I rotate the signing key without downtime?", Strong: true, Href: "/?c=1", Pills: []ui.Pill{{Text: "Question", Tone: ui.ToneInfo}, {Text: "auth"}},
			Meta: []ui.Meta{{Text: "Mina Kovač", Href: "/?member=1"}, {Text: "Northwind (customer, renewal in 24 days)"}, {Text: "Discourse › Deployment"}, {Time: g.now.Add(-31 * time.Hour)}, {Text: "target 24 h"}}, Actions: assign("How do I rotate the signing key"),
		},
		{
			ID: "c2", Avatar: &ui.Avatar{Name: "jtanaka"}, Title: "v3.2 importer drops rows after 65,536", Strong: true, Href: "/?c=2", Pills: []ui.Pill{{Text: "Bug", Tone: ui.ToneBad}, {Text: "import"}},
			Meta: []ui.Meta{{Text: "jtanaka"}, {Text: "first post"}, {Text: "GitHub › importer"}, {Time: g.now.Add(-9 * time.Hour)}}, Actions: assign("v3.2 importer drops rows"),
		},
		{
			ID: "c3", Avatar: &ui.Avatar{Name: "Rui Silva"}, Title: "Is there a Terraform provider on the roadmap?", Strong: true, Href: "/?c=3", Pills: []ui.Pill{{Text: "Idea", Tone: ui.ToneIdea}},
			Meta: []ui.Meta{{Text: "Rui Silva"}, {Text: "Fabrikam (trial, day 26 of 30)"}, {Text: "Slack › #help"}, {Time: g.now.Add(-20 * time.Minute)}}, Actions: assign("Is there a Terraform provider"),
		},
	}}
	b.Changed = ui.Rows{Label: "What changed this week", Items: []ui.Row{
		{Lead: &ui.Pill{Text: "Spike", Tone: ui.ToneBad}, Title: "“webhook retries” mentioned 41 times, 6.2× its usual week; 29 messages carry negative sentiment.", Meta: []ui.Meta{{Text: "See the 41 messages", Href: "/?q=1"}}},
		{Lead: &ui.Pill{Text: "Champion", Tone: ui.ToneGood}, Title: "Lena Ortiz answered 14 questions in 3 channels; nobody has thanked her yet.", Meta: []ui.Meta{{Text: "Invite to Champions", Href: "/?q=2"}}},
		{Lead: &ui.Pill{Text: "At risk", Tone: ui.ToneWarn}, Title: "Contoso: 11 active people a month ago, 2 now; renewal in 38 days.", Meta: []ui.Meta{{Text: "Open organization", Href: "/?q=3"}}},
	}}
	b.Due = ui.Rows{Label: "Due in your plans", Selectable: "task", Items: []ui.Row{
		{ID: "t1", Title: "Send speaker agreements", Meta: []ui.Meta{{Text: "Autumn meetups"}, {Text: "you"}, {Text: "due today"}}, Badge: &ui.Pill{Text: "today", Tone: ui.ToneBad}},
		{ID: "t2", Title: "Review champion applications (7)", Meta: []ui.Meta{{Text: "Champions 2027"}, {Text: "Sam"}, {Text: "due Tuesday"}}},
		{ID: "t3", Title: "Slack › #help", Value: "−31 min", Tone: ui.ToneGood},
		{ID: "t4", Title: "Weekends", Value: "+64 min", Tone: ui.ToneBad},
	}}
	b.Members = g.members()
	b.Nobody = ui.Table{Caption: "Members", Empty: &ui.Empty{
		Title: "No members yet", Text: "Members appear as soon as a source has been read. A Slack export, a forum's address or a CSV file is enough to begin.",
		Actions: []ui.Action{{Label: "Connect a source", Href: "/?sources", Style: ui.StylePrimary}, {Label: "How this works", Href: "/?docs", Style: ui.StyleQuiet}},
	}}
	b.Steps = []ui.Step{
		{Title: "Connect a source", Text: "Slack export read: 123,600 records", Done: true},
		{Title: "Say who is staff", Text: "41 people share your company's e-mail domain; nobody is marked yet.", Now: true, Action: &ui.Action{Label: "Look at them", Href: "/?staff", Small: true, Style: ui.StylePrimary}},
		{Title: "Invite your team", Text: "They see the same numbers as you."},
	}
}

// Inbox is the content of a page of panes.
type Inbox struct {
	Query     ui.QueryBox
	States    ui.Segments
	Waiting   ui.Rows
	Title     string
	Buttons   []ui.Action
	Messages  []ui.Row
	Answerers ui.Rows
	Before    ui.Rows
}

// Inbox makes the example data of the inbox.
func (g *Gallery) Inbox() Inbox {
	in := Inbox{
		Query:  ui.QueryBox{Label: "Filter conversations", Value: "is:waiting sort:target", Action: "/inbox", Suggest: "/suggest"},
		States: ui.Segments{Label: "State", Items: []ui.Segment{{Label: "Waiting", Href: "/inbox", Count: "12", Active: true}, {Label: "Mine", Href: "/?m", Count: "3"}}},
		Title:  "How do I rotate the signing key without downtime?",
		Buttons: []ui.Action{
			{Label: "Snooze", Post: "/done", Key: "s", Swap: "none"}, {Label: "Answered elsewhere", Post: "/done", Key: "e", Swap: "none"}, {Label: "Assign", Post: "/done", Key: "a", Style: ui.StylePrimary, Swap: "none"},
		},
		Messages: []ui.Row{
			{Avatar: &ui.Avatar{Name: "Mina Kovač", Seed: "mina"}, Title: "Mina Kovač", Strong: true, Meta: []ui.Meta{{Time: g.now.Add(-31 * time.Hour)}}, Text: "We run three replicas behind a load balancer. When I replace the key, sessions signed by the old one are rejected until every replica has restarted. Is there a way to accept both for a while?"},
			{Avatar: &ui.Avatar{Name: "Mina Kovač", Seed: "mina"}, Title: "Mina Kovač", Strong: true, Meta: []ui.Meta{{Time: g.now.Add(-25 * time.Hour)}}, Text: "Anyone? We have an audit on Thursday."},
		},
		Answerers: ui.Rows{Label: "Who could answer", Items: []ui.Row{
			{Title: "dkim", Meta: []ui.Meta{{Text: "9 accepted on auth, last asked 3 weeks ago"}}, Actions: []ui.Action{{Label: "Ask", Post: "/done", Small: true, Swap: "none"}}},
			{Title: "Platform team", Meta: []ui.Meta{{Text: "routes: auth, key, jwks"}}, Actions: []ui.Action{{Label: "Alert", Post: "/done", Small: true, Swap: "none"}}},
		}},
		Before: ui.Rows{Label: "Answered before", Items: []ui.Row{{Title: "“JWKS cache never refreshes”", Href: "/?a", Meta: []ui.Meta{{Text: "Stack Overflow"}, {Text: "accepted"}, {Text: "+14"}}}}},
	}
	in.Waiting = ui.Rows{Label: "Conversations that wait", Items: []ui.Row{
		{ID: "1", Title: in.Title, Strong: true, Href: "/inbox?c=1", Current: true, Meta: []ui.Meta{{Text: "Mina Kovač"}, {Text: "Northwind"}, {Text: "Discourse › Deployment"}}, Foot: []ui.Pill{{Text: "Question", Tone: ui.ToneInfo}, {Text: "auth"}, {Text: "7 h past target", Tone: ui.ToneBad}}},
		{ID: "2", Title: "v3.2 importer drops rows after 65,536", Strong: true, Href: "/inbox?c=2", Meta: []ui.Meta{{Text: "jtanaka"}, {Text: "first post"}, {Text: "GitHub › importer"}}, Foot: []ui.Pill{{Text: "Bug", Tone: ui.ToneBad}, {Text: "import"}, {Text: "3 h past target", Tone: ui.ToneBad}}},
		{ID: "3", Title: "Is there a Terraform provider on the roadmap?", Strong: true, Href: "/inbox?c=3", Meta: []ui.Meta{{Text: "Rui Silva"}, {Text: "Fabrikam, trial day 26"}, {Text: "Slack › #help"}}, Foot: []ui.Pill{{Text: "Idea", Tone: ui.ToneIdea}, {Text: "2 h left"}}},
	}}
	return in
}

func (g *Gallery) members() ui.Table {
	row := func(id, name, org, sub, orgSub string, pills []ui.Pill, activities, answered string, last time.Time) ui.TableRow {
		return ui.TableRow{ID: id, Cells: []ui.Cell{
			{Text: name, Href: "/?member=" + id, Sub: sub, Avatar: &ui.Avatar{Name: name, Seed: id}}, {Text: org, Sub: orgSub}, {Pills: pills}, {Text: activities, Href: "/?q=" + id}, {Text: answered}, {Time: last},
		}}
	}
	return ui.Table{
		Caption: "Members", Select: "id", BulkPost: "/done", Bulk: []ui.Action{{Label: "Add tag…", Submit: true, Name: "do", Value: "tag", Small: true}, {Label: "Merge", Submit: true, Name: "do", Value: "merge", Small: true}},
		Columns: []ui.Column{
			{Label: "Name", SortHref: "/?sort=name"}, {Label: "Organization", SortHref: "/?sort=org"}, {Label: "Tags"}, {Label: "Activities", Number: true, SortHref: "/?sort=activities", Sorted: ui.Descending}, {Label: "Answers", Number: true, SortHref: "/?sort=answers"}, {Label: "Last active", SortHref: "/?sort=last"},
		},
		Rows: []ui.TableRow{
			row("1", "Mina Kovač", "Northwind", "6 identities", "customer", []ui.Pill{{Text: "Champion", Tone: ui.ToneGood}}, "312", "48", g.now.Add(-2*time.Hour)),
			row("2", "Lena Ortiz", "Contoso", "3 identities", "at risk", []ui.Pill{{Text: "Answers", Tone: ui.ToneInfo}, {Text: "speaker"}}, "288", "121", g.now.Add(-26*time.Hour)),
			row("3", "Rui Silva", "Fabrikam", "1 identity", "trial, day 26 of 30", nil, "41", "2", g.now.Add(-50*time.Hour)),
			row("4", "jtanaka", "", "1 identity", "", []ui.Pill{{Text: "new", Tone: ui.ToneIdea}}, "3", "0", g.now.AddDate(0, -2, 0)),
		},
		Foot: &ui.Pager{Newer: "/?before=1", Older: "/?after=4", Text: "51–54 of 8,214"},
	}
}

func controls(b *Body) {
	b.Query = ui.QueryBox{
		Label: "Filter members", Value: "is:question topic:auth", Action: "/", Suggest: "/suggest", Placeholder: "org.lifecycle:trial last_active:<30d",
		Examples: []ui.Segment{{Label: "is:waiting", Href: "/?q=is:waiting"}, {Label: "did:question since:30d", Href: "/?q=did"}}, Hint: "Try",
	}
	b.Wrong = ui.QueryBox{
		ID: "wrong", Label: "Filter conversations", Value: "is:waiting chanel:#help", Action: "/",
		Error: &ui.QueryError{Query: "is:waiting chanel:#help", Offset: 11, Message: "There is no field “chanel”. Did you mean “channel”?", Fixed: "is:waiting channel:#help"},
	}
	b.Period = ui.Segments{Label: "Granularity", Items: []ui.Segment{{Label: "Week", Href: "/?w"}, {Label: "Month", Href: "/?m", Active: true}, {Label: "Quarter", Href: "/?q"}}}
	b.Tabs = ui.Segments{Label: "Member", Items: []ui.Segment{{Label: "Timeline", Href: "/?t", Active: true}, {Label: "Identities", Href: "/?i", Count: "6"}, {Label: "History", Href: "/?h"}}}
	b.Chips = ui.Segments{Label: "State", Items: []ui.Segment{{Label: "Waiting", Href: "/?w", Count: "12", Active: true}, {Label: "Mine", Href: "/?m", Count: "3"}, {Label: "Snoozed", Href: "/?s", Count: "5"}, {Label: "Answered today", Href: "/?a", Count: "31"}}}
	roles := []ui.Option{{Value: "manager", Label: "Manager"}, {Value: "contributor", Label: "Contributor"}, {Value: "viewer", Label: "Viewer"}}
	b.Form = ui.Form{
		Post: "/done", Fields: []ui.Field{
			{Name: "email", Label: "E-mail", Type: "email", Required: true, Value: "sam@", Error: "An address has something after the @, such as sam@example.org.", Help: "The invitation is sent there.", Autocomplete: "email"},
			{Name: "name", Label: "Name", Placeholder: "Sam Okafor"},
			{Name: "role", Label: "Role", Type: "select", Options: roles, Value: "viewer", Required: true},
			{Name: "note", Label: "Note", Type: "textarea", Help: "Shown in the invitation."},
			{Name: "when", Label: "Send", Type: "radio", Value: "now", Options: []ui.Option{{Value: "now", Label: "Now"}, {Value: "later", Label: "Tomorrow at 9:00"}}},
			{Name: "copy", Label: "Send me a copy", Type: "checkbox", Checked: true},
		},
		Actions: []ui.Action{{Label: "Invite", Submit: true, Style: ui.StylePrimary}, {Label: "Cancel", Href: "/", Style: ui.StyleQuiet}},
	}
	b.Dialog = ui.Dialog{ID: "merge", Title: "Merge with another member", Text: "Both histories become one. You can undo this at any time.", Form: ui.Form{
		Post: "/done", Fields: []ui.Field{{Name: "other", Label: "The other member", Required: true, Prefix: "merge-"}}, Actions: []ui.Action{{Label: "Merge", Submit: true, Style: ui.StylePrimary}},
	}}
	for _, tone := range []ui.Tone{ui.ToneNone, ui.ToneGood, ui.ToneBad, ui.ToneWarn, ui.ToneInfo, ui.ToneIdea} {
		b.Pills = append(b.Pills, ui.Pill{Text: "tone " + string(tone), Tone: tone})
	}
	for _, name := range []string{"Mina Kovač", "Jun Tanaka", "Rui Silva", "Lena Ortiz", "Sam", "Ann Lee", "Ola", "Kim Ito", "Zoë", "Ed Day"} {
		b.Avatars = append(b.Avatars, ui.Avatar{Name: name})
	}
	b.Buttons = []ui.Action{
		{Label: "Snooze", Post: "/done", Swap: "none", Key: "s"},
		{Label: "Assign", Href: "/?assign", Style: ui.StylePrimary, Key: "a"},
		{Label: "Delete", Dialog: "merge", Style: ui.StyleDanger},
		{Label: "Quiet", Href: "/?quiet", Style: ui.StyleQuiet},
		{Label: "Small", Href: "/?small", Small: true},
		{Label: "Send", Post: "/done", Disabled: "Only managers may send"},
	}
	b.Flashes = []ui.Flash{{Level: ui.LevelWarn, Text: "9 records were rejected; the rest went in."}, {Level: ui.LevelError, Text: "The file could not be read: line 3 has 4 columns, 5 were expected. Nothing was stored."}}
}
