// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"greenroom"
	"greenroom/internal/inbox"
	"greenroom/internal/outbox"
	"greenroom/internal/query"
	"greenroom/internal/web/ui"
)

// Inbox is what waits for the team; inbox.Service is.
type Inbox interface {
	Queue(ctx context.Context, f inbox.Filter) (inbox.Page, error)
	Item(ctx context.Context, id int64) (inbox.Detail, error)
	Help(ctx context.Context, id int64) (inbox.Help, error)
	Badge(ctx context.Context, person string) (inbox.Counts, error)
	InboxLive
	InboxWork
	InboxRules
}

// InboxLive tells what changes while a page is open.
type InboxLive interface {
	Version(ctx context.Context) (string, error)
	// Look notes that somebody looks at an item and lists who else does, by mail address.
	Look(id int64, person string) []string
	Leave(id int64, person string)
}

// InboxWork changes items.
type InboxWork interface {
	Assign(ctx context.Context, id int64, to, by string) (inbox.Event, error)
	Finish(ctx context.Context, id int64, elsewhere, by string) (inbox.Event, error)
	Reopen(ctx context.Context, id int64, by string) (inbox.Event, error)
	Merge(ctx context.Context, id, into int64, by string) (inbox.Event, error)
	InboxSnooze
	InboxBulk
	InboxWords
}

// InboxSnooze puts items away for a time.
type InboxSnooze interface {
	Snooze(ctx context.Context, id int64, until time.Time, untilReply bool, by string) (inbox.Event, error)
	Wake(ctx context.Context, id int64, by string) (inbox.Event, error)
}

// InboxWords says something about items, or in them, and takes back what was done.
type InboxWords interface {
	Undo(ctx context.Context, event int64, by string) (inbox.Event, error)
	Note(ctx context.Context, id int64, text, by string) (inbox.Event, error)
	Reply(ctx context.Context, id int64, text, by string) (inbox.Event, error)
	Ask(ctx context.Context, id, member int64, text, by string) (inbox.Event, error)
	// ReplyChannel is the channel on which a reply from here would go out; "" = the place takes none.
	ReplyChannel(ctx context.Context, id int64) (outbox.Channel, error)
}

// InboxRules are how the inbox is worked, and how long it makes people wait.
type InboxRules interface {
	Settings(ctx context.Context) (inbox.Settings, error)
	SetSettings(ctx context.Context, set inbox.Settings, by string) (inbox.Settings, error)
	Team(ctx context.Context) ([]inbox.Person, error)
	Destinations(ctx context.Context) ([]outbox.Destination, error)
	Waits(ctx context.Context, weeks int) (inbox.Waits, error)
	WaitsOf(ctx context.Context, weeks, day, hour int) ([]greenroom.Conversation, error)
	// Sent lists what was written in a conversation from the inbox, the latest first.
	Sent(ctx context.Context, id int64) ([]outbox.Message, error)
}

const inboxPath = "/inbox"

func inboxHref(id int64) string { return inbox.Path(id) }

// inboxBody is what inbox.html shows: the queue, and beside it the conversation that is open.
type inboxBody struct {
	Version string // of what the page shows
	Live    string // address that tells when it is another
	Note    ui.Action
	Query   ui.QueryBox
	Views   ui.Segments
	Rows    ui.Rows
	Bulk    *inboxBulk
	Pager   *ui.Pager
	Empty   *ui.Empty
	Open    *openItem
	Choose  *ui.Empty
	Rules   ui.Action
}

// openItem is an item with what stands beside it.
type openItem struct {
	openConversation

	State   []ui.Pill
	Twins   []ui.Row
	Reply   *replyForm
	Notes   []ui.Row
	History []ui.Row
	Team    []ui.Row
	Helpers []ui.Row
	Similar []ui.Row
	Beside  []ui.Row // documents
	Dialogs []ui.Dialog
}

// replyForm is where a reply is written; with Why, where it cannot be.
type replyForm struct {
	Post   string
	Hidden []ui.Hidden
	Place  string // "Reply as yourself on Discourse"
	Why    string
	Source *ui.Action
}

type inboxPages struct {
	*Site
	talk     *conversationPages
	view     *ui.View[inboxBody]
	waits    *ui.View[waitsBody]
	settings *ui.View[inboxSettingsBody]
}

func (s *Site) addInbox() error {
	if s.cfg.Inbox == nil {
		return nil
	}
	p := &inboxPages{Site: s, talk: &conversationPages{Site: s}}
	var err error
	if p.view, err = ui.Parse[inboxBody](s.kit, templates, "templates/inbox.html", "templates/message.html"); err != nil {
		return err
	}
	if p.waits, err = ui.Parse[waitsBody](s.kit, templates, "templates/inboxwaits.html"); err != nil {
		return err
	}
	if p.settings, err = ui.Parse[inboxSettingsBody](s.kit, templates, "templates/inboxsettings.html"); err != nil {
		return err
	}
	s.handle("GET /inbox", p.show)
	s.handle("GET /inbox/{id}", p.show)
	s.handle("GET /inbox/events", p.live)
	s.handle("GET /inbox/waits", p.showWaits)
	s.handle("GET /inbox/settings", p.showSettings)
	s.change("POST /inbox/settings", mayWrite, p.saveSettings)
	for what, do := range p.changes() {
		s.change("POST /inbox/{id}/"+what, mayWrite, do)
	}
	s.change("POST /inbox-undo/{id}", mayWrite, p.undo)
	s.change("POST "+inboxBulkPath, mayWrite, p.changeSeveral)
	s.change("POST "+inboxBulkPath+"/undo/{events}", mayWrite, p.undoSeveral)
	return nil
}

// viewLabels are the views in the order in which they stand.
var viewLabels = []struct {
	view  inbox.View
	label string
}{
	{inbox.ViewWaiting, "Waiting"}, {inbox.ViewMine, "Mine"}, {inbox.ViewUnassigned, "Nobody's"}, {inbox.ViewOverdue, "Past target"}, {inbox.ViewSnoozed, "Snoozed"}, {inbox.ViewDone, "Done"},
}

// listOf is the part of the address that says which list stands beside an item.
func listOf(r *http.Request) url.Values {
	keep := make(url.Values)
	for _, name := range []string{"view", "q", "from"} {
		if v := r.FormValue(name); v != "" {
			keep.Set(name, v)
		}
	}
	return keep
}

func withQuery(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

func (p *inboxPages) show(w http.ResponseWriter, r *http.Request) error {
	version, err := p.cfg.Inbox.Version(r.Context())
	if err != nil {
		return err
	}
	body := inboxBody{Version: version, Live: inboxPath + "/events", Rules: ui.Action{Label: "Targets and rules", Href: inboxPath + "/settings", Small: true, Style: ui.StyleQuiet}}
	if err := p.queue(r, &body); err != nil {
		return err
	}
	name := "Inbox"
	if r.PathValue("id") != "" {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		if body.Open, err = p.open(r, id); err != nil {
			return err
		}
		body.Live += "?item=" + idText(id)
		name = excerpt(body.Open.Head.Title, 60)
	} else {
		body.Choose = &ui.Empty{Title: "Choose a conversation", Text: "It opens here, with who asks, who could answer and what was answered before. On the keyboard, j and k move, Enter opens, and ? shows all keys."}
	}
	shell := p.shell(r, name)
	shell.Panes = true
	return send(w, http.StatusOK, func(to io.Writer) error { return p.view.Render(to, shell, body) })
}

// queue fills in the list.
func (p *inboxPages) queue(r *http.Request, body *inboxBody) error {
	v := p.listView(r, query.Conversations, "Filter the inbox", "channel:#help topic:webhooks")
	v.box.Action = inboxPath
	at := inbox.View(r.URL.Query().Get("view"))
	if at == "" {
		at = inbox.ViewWaiting
	}
	if at != inbox.ViewWaiting {
		v.box.Hidden = []ui.Hidden{{Name: "view", Value: string(at)}}
	}
	f := inbox.Filter{View: at, Person: person(r).Seed}
	if v.parsed != nil && v.parsed.Root != nil {
		f.Query = query.Format(v.parsed.Root)
	}
	if n, err := strconv.Atoi(r.URL.Query().Get("from")); err == nil && n > 0 {
		f.Offset = n
	}
	page, err := p.cfg.Inbox.Queue(r.Context(), f)
	if err != nil {
		return err
	}
	body.Query = v.box
	body.Views = ui.Segments{Label: "Which conversations"}
	for _, l := range viewLabels {
		q := url.Values{}
		if l.view != inbox.ViewWaiting {
			q.Set("view", string(l.view))
		}
		if v.text != "" {
			q.Set("q", v.text)
		}
		body.Views.Items = append(body.Views.Items, ui.Segment{Label: l.label, Href: withQuery(inboxPath, q), Active: l.view == at, Count: ui.Number(page.Counts.Of(l.view))})
	}
	body.Note = ui.Action{Label: "Wait times", Href: inboxPath + "/waits"}
	if page.WaitHours > 0 {
		body.Note.Label = "wait now: " + waitText(time.Duration(page.WaitHours*float64(time.Hour))) + " median"
	}
	if v.parsed == nil {
		return nil
	}
	body.Rows = ui.Rows{Label: "Inbox"}
	for i := range page.Items {
		row := p.row(&page.Items[i])
		row.Href = withQuery(row.Href, listOf(r))
		row.Current = row.ID == r.PathValue("id")
		body.Rows.Items = append(body.Rows.Items, row)
	}
	body.Pager = pagerOf(r, f.Offset, page.Next, len(page.Items), page.Total)
	if len(page.Items) == 0 {
		if body.Empty = p.nothingYet(r); body.Empty == nil {
			body.Empty = emptyView(at, v.text)
		}
	}
	return p.bulk(r, body)
}

// pagerOf is the foot of the queue.
func pagerOf(r *http.Request, from, next, shown, total int) *ui.Pager {
	at := func(n int) string {
		q := listOf(r)
		q.Del("from")
		if n > 0 {
			q.Set("from", strconv.Itoa(n))
		}
		return withQuery(inboxPath, q)
	}
	g := &ui.Pager{Text: totalText(int64(shown), int64(total))}
	if from > 0 {
		g.Newer = at(max(0, from-max(shown, 30)))
	}
	if next > 0 {
		g.Older = at(next)
	}
	return g
}

func emptyView(v inbox.View, text string) *ui.Empty {
	all := []ui.Action{{Label: "All conversations", Href: "/conversations"}}
	switch {
	case text != "":
		return &ui.Empty{Title: "Nothing here", Text: "Nothing in this view fits the query.", Actions: []ui.Action{{Label: "Without the query", Href: withQuery(inboxPath, url.Values{"view": {string(v)}})}}}
	case v == inbox.ViewMine:
		return &ui.Empty{Title: "Nothing waits on you", Text: "What is given to you stands here. Take something: open it and press a.", Actions: []ui.Action{{Label: "What is nobody's", Href: inboxPath + "?view=unassigned"}}}
	case v == inbox.ViewSnoozed:
		return &ui.Empty{Title: "Nothing sleeps", Text: "Open a conversation and press s: it comes back at its time, or when somebody writes."}
	case v == inbox.ViewDone:
		return &ui.Empty{Title: "Nothing was marked as done yet", Text: "What others answered leaves the inbox by itself. Press d for what needs no more, and e for what was answered elsewhere."}
	}
	return &ui.Empty{Title: "Nobody is waiting", Text: "Every question has had an answer, sleeps, or is done. What waits, and until when it is to be answered, stands in the targets and rules.", Actions: append(all, ui.Action{Label: "Targets and rules", Href: inboxPath + "/settings"})}
}

// lateText says how far a conversation is from its target.
func lateText(hours float64) (string, ui.Tone) {
	d := time.Duration(hours * float64(time.Hour))
	if d >= 0 {
		return waitText(max(d, time.Minute)) + " past target", ui.ToneBad
	}
	tone := ui.ToneNone
	if d > -2*time.Hour {
		tone = ui.ToneWarn
	}
	return waitText(max(-d, time.Minute)) + " left", tone
}

// row is an item as one line of the queue.
func (p *inboxPages) row(it *inbox.Item) ui.Row {
	c := &it.Conversation
	row := ui.Row{ID: idText(c.ID), Title: firstText(excerpt(c.Title, 110), "(no text)"), Strong: it.Status == inbox.Waiting, Href: inboxHref(c.ID)}
	if c.Author != "" {
		row.Meta = append(row.Meta, ui.Meta{Text: c.Author})
	}
	row.Meta = append(row.Meta, ui.Meta{Text: placeText(c.Source, c.Channel)}, ui.Meta{Time: c.OpenedAt})
	row.Foot = append([]ui.Pill{*kindPill(c.Kind, c.Question)}, p.statePills(it)...)
	return row
}

// statePills say what is decided of an item.
func (p *inboxPages) statePills(it *inbox.Item) []ui.Pill {
	var all []ui.Pill
	zone := p.cfg.Zones.Zone()
	switch it.Status {
	case inbox.Waiting:
		text, tone := lateText(it.LateHours)
		rule := "target " + strconv.FormatFloat(it.Target.Hours, 'f', -1, 64) + " h"
		if it.Target.Business {
			rule += " of work"
		}
		all = append(all, ui.Pill{Text: text, Tone: tone, Title: rule + ", due " + it.DueAt.In(zone).Format("2 January 15:04")})
	case inbox.Snoozed:
		text := "sleeps until somebody writes"
		if !it.SnoozedUntil.IsZero() {
			text = "sleeps until " + it.SnoozedUntil.In(zone).Format("Mon 2 Jan 15:04")
		}
		all = append(all, ui.Pill{Text: text, Tone: ui.ToneWarn})
	case inbox.Done:
		text := "done"
		if it.Elsewhere != "" {
			text = "answered elsewhere"
		}
		all = append(all, ui.Pill{Text: text, Tone: ui.ToneGood})
	case inbox.Merged:
		all = append(all, ui.Pill{Text: "merged", Href: inboxHref(it.MergedInto)})
	case inbox.Answered:
		all = append(all, statePill(&it.Conversation, p.cfg.Now()))
	}
	if it.Owner != "" {
		all = append(all, ui.Pill{Text: firstText(it.OwnerName, it.Owner), Tone: ui.ToneInfo, Title: "theirs to answer" + because(it.Why)})
	}
	if n := len(it.Duplicates); n > 0 {
		all = append(all, ui.Pill{Text: countText(int64(n), "more that asks the same", "more that ask the same")})
	}
	return all
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return ": " + why
}

// inbox shows the top of the inbox on the first page: what is most past its target.
func (p *todayPage) inbox(r *http.Request, body *todayBody) error {
	page, err := p.cfg.Inbox.Queue(r.Context(), inbox.Filter{Person: person(r).Seed, Limit: shownWaiting})
	if err != nil {
		return err
	}
	body.Waiting = ui.CardHead{Title: "Needs an answer", Note: "most past its target first · past target " + ui.Number(page.Counts.Overdue), Actions: []ui.Action{
		{Label: "Inbox", Label2: "Inbox: all that wait", Href: inboxPath, Small: true, Style: ui.StyleQuiet},
	}}
	body.Rows = ui.Rows{Label: "Conversations that wait"}
	pages := inboxPages{Site: p.Site}
	for i := range page.Items {
		it := &page.Items[i]
		row := pages.row(it)
		row.Avatar = memberAvatar(it.Conversation.AuthorMemberID, firstText(it.Conversation.Author, "?"))
		row.Pills, row.Foot = row.Foot, nil
		if me := person(r); me.MayWrite && it.Owner == "" {
			row.Actions = []ui.Action{{Label: "Take", Label2: "Take: " + row.Title, Post: inboxHref(it.Conversation.ID) + "/assign", Hidden: []ui.Hidden{{Name: "to", Value: me.Seed}}, Small: true}}
		}
		body.Rows.Items = append(body.Rows.Items, row)
	}
	if len(page.Items) == 0 {
		body.Empty = &ui.Empty{Title: "Nobody is waiting", Text: "Everything in the inbox is answered, done, or sleeps."}
	}
	return nil
}
