// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/knowledge"
	"greenroom/internal/web/ui"
)

// KnowledgeReading reads documents and logs.
type KnowledgeReading interface {
	Collections(ctx context.Context) ([]knowledge.Collection, error)
	Import(ctx context.Context, c knowledge.Collection, in knowledge.Content, by string) (knowledge.Collection, error)
	ReadAgain(ctx context.Context, id int64, by string) (knowledge.Collection, error)
	ImportLog(ctx context.Context, name, host string, in io.Reader, by string) (knowledge.LogRead, error)
	Settings(ctx context.Context) (knowledge.Settings, error)
	SetSettings(ctx context.Context, set knowledge.Settings, by string) error
}

// KnowledgeLinks says how links are.
type KnowledgeLinks interface {
	LinkReport(ctx context.Context, f knowledge.LinkFilter) (knowledge.LinkReport, error)
	LinkDocuments(ctx context.Context, link int64) ([]knowledge.Document, error)
	AskCheck(by string)
}

func (p *knowledgePages) gaps(w http.ResponseWriter, r *http.Request) error {
	body := p.body("/gaps", "What is asked often and stands nowhere")
	all, err := p.cfg.Knowledge.Gaps(r.Context())
	if err != nil {
		return err
	}
	card := cardOfPage{Head: ui.CardHead{Title: "Asked and not documented", Note: "90 days", Definition: &ui.Definition{Term: "Gap", Text: "A topic with at least three questions in the last 90 days, of which at most a third is about a document, by their words."}}, Rows: ui.Rows{Label: "Gaps"}}
	for i := range all {
		g := &all[i]
		row := ui.Row{
			Title: g.Name, Href: "/topics/" + idText(g.Topic), Strong: g.Open > 0,
			Meta:    []ui.Meta{{Text: countText(g.Questions, "question", "questions"), Href: recordsHref("conversations", "is:question topic:"+idText(g.Topic))}, {Text: ui.Number(int(g.Open)) + " wait"}, {Text: ui.Number(int(g.Covered)) + " covered"}, {Text: strings.Join(g.Terms[:min(5, len(g.Terms))], ", ")}},
			Actions: []ui.Action{{Label: "Draft", Label2: "Draft a document about " + g.Name, Href: knowledgePath + "/gaps?topic=" + idText(g.Topic), Small: true}},
		}
		if g.Nearest > 0 {
			row.Meta = append(row.Meta, ui.Meta{Text: "nearest document", Href: documentHref(g.Nearest)})
		}
		card.Rows.Items = append(card.Rows.Items, row)
	}
	if len(all) == 0 {
		card.Empty = &ui.Empty{Title: "No gaps", Text: "No topic is asked about often without a document. Topics are found in messages; gaps follow as people ask.", Actions: []ui.Action{{Label: "Look at topics", Href: "/topics"}}}
	}
	body.Main = []cardOfPage{card}
	if topic, err := formID(r, "topic"); err != nil {
		return err
	} else if topic > 0 {
		o, err := p.cfg.Knowledge.Outline(r.Context(), topic)
		if err != nil {
			return err
		}
		body.Head.Subtitle = "A draft about " + o.Title
		if body.Main = nil; len(o.Sections) == 0 {
			body.Main = []cardOfPage{{Head: ui.CardHead{Title: o.Title}, Empty: &ui.Empty{Title: "Nothing to begin with", Text: "No question about it was answered in a year, so there is nothing to draft from. Answer one, and come back.", Actions: []ui.Action{{Label: "All gaps", Href: knowledgePath + "/gaps"}}}}}
		} else {
			body.Outline, body.Main = &o, draftCards(&o)
		}
		body.Head.Back = &ui.Action{Label: "Gaps", Href: knowledgePath + "/gaps"}
		if person(r).MayWrite {
			body.Head.Actions = []ui.Action{{Label: "Note it as a draft", Href: knowledgePath + "/new?state=draft&title=" + strings.ReplaceAll(o.Title, " ", "+"), Style: ui.StylePrimary}}
		}
	}
	return render(p.Site, w, r, p.view, "Gaps", body)
}

// draftCards shows a draft with where each sentence was written.
func draftCards(o *knowledge.Outline) []cardOfPage {
	var all []cardOfPage
	for i := range o.Sections {
		s := &o.Sections[i]
		c := cardOfPage{Head: ui.CardHead{Title: s.Question, Note: countText(int64(s.Asked), "question", "questions") + " like it"}, Rows: ui.Rows{Label: s.Question}}
		for _, l := range s.Lines {
			c.Rows.Items = append(c.Rows.Items, ui.Row{Title: l.Text, Href: conversationHref(l.Conversation), Meta: []ui.Meta{{Text: l.Why}}})
		}
		all = append(all, c)
	}
	all[0].Text = "Every sentence was written by somebody in the conversation that it leads to. Nothing is made up, so read it before you use it."
	return all
}

// checkProgress is the bar of a check that goes on.
func checkProgress(run *knowledge.Run) *ui.Progress {
	return &ui.Progress{
		ID: "progress-links", Label: "Checking links", Done: int(run.Done), Total: int(run.Total), Unit: "links", Live: knowledgePath + "/links/live",
		Note: countText(run.Broken, "is broken", "are broken") + " · " + ui.Number(int(run.Unchanged)) + " unchanged since last time · " + countText(run.Requests, "request", "requests"), Next: "You can leave this page. Each host is asked one thing at a time, with a pause; after a restart it goes on where it was.",
	}
}

func (p *knowledgePages) links(w http.ResponseWriter, r *http.Request) error {
	f := knowledge.LinkFilter{Verdict: knowledge.Verdict(r.URL.Query().Get("verdict"))}
	f.Problem = f.Verdict == ""
	report, err := p.cfg.Knowledge.LinkReport(r.Context(), f)
	if err != nil {
		return err
	}
	run := &report.Run
	body := p.body("/links", "Links of documents, checked politely")
	if person(r).MayWrite && !run.Going() {
		body.Head.Actions = []ui.Action{{Label: "Check now", Post: knowledgePath + "/links/check", Style: ui.StylePrimary}}
	}
	if run.Going() {
		body.Progress = checkProgress(run)
	}
	for _, v := range knowledge.Verdicts() {
		if v == knowledge.Later {
			continue
		}
		body.KPIs = append(body.KPIs, ui.KPI{Label: title(string(v)), Value: ui.Number(int(report.Counts[v])), Href: knowledgePath + "/links?verdict=" + string(v)})
	}
	if n := report.Counts[knowledge.Unchecked]; n > 0 {
		body.KPIs[0].Note = ui.Number(int(n)) + " not checked yet"
	}
	name := "Links that need somebody"
	if f.Verdict != "" {
		name = "Links that are " + string(f.Verdict)
	}
	if link, err := formID(r, "link"); err != nil {
		return err
	} else if link > 0 {
		docs, err := p.cfg.Knowledge.LinkDocuments(r.Context(), link)
		if err != nil {
			return err
		}
		team, err := p.teamNames(r)
		if err != nil {
			return err
		}
		card := cardOfPage{Head: ui.CardHead{Title: "Documents with the link"}, Rows: ui.Rows{Label: "Documents with the link"}}
		for i := range docs {
			card.Rows.Items = append(card.Rows.Items, ui.Row{Title: docs[i].Title, Href: documentHref(docs[i].ID), Meta: []ui.Meta{team.meta("nobody keeps it", docs[i].Owner)}})
		}
		body.Main = append(body.Main, card)
	}
	card := p.linkCard(report.Links, name, "None.")
	if run.EndedAt.IsZero() {
		card.Foot = "Links are checked by the rhythm under Settings, or when you say so."
	} else {
		card.Foot = "Checked " + ui.Ago(p.cfg.Now(), run.EndedAt) + ": " + countText(run.Done, "link", "links") + " with " + countText(run.Requests, "request", "requests") + "."
	}
	body.Main = append(body.Main, card)
	return render(p.Site, w, r, p.view, "Links", body)
}

func (p *knowledgePages) check(w http.ResponseWriter, r *http.Request) error {
	p.cfg.Knowledge.AskCheck(person(r).Actor)
	return p.back(w, r, knowledgePath+"/links", "Links are being checked. It goes on when you leave this page.", "")
}

// live tells how far the check is, once as JSON or as a stream.
func (p *knowledgePages) live(w http.ResponseWriter, r *http.Request) error {
	stream := strings.Contains(r.Header.Get("Accept"), "text/event-stream")
	w.Header().Set("Content-Type", "application/json")
	out := http.NewResponseController(w)
	if stream {
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("X-Accel-Buffering", "no")
		_ = out.SetWriteDeadline(time.Time{}) // a stream outlives the time that other answers have
	}
	tick := time.NewTicker(2 * liveEvery)
	defer tick.Stop()
	for range liveTicks {
		report, err := p.cfg.Knowledge.LinkReport(r.Context(), knowledge.LinkFilter{Verdict: knowledge.Later, Limit: 1})
		if err != nil {
			return err
		}
		all := ui.Working{Running: []ui.Tick{}}
		if report.Run.Going() {
			all.Running = append(all.Running, checkProgress(&report.Run).Tick())
		}
		text, err := json.Marshal(all)
		if err != nil {
			return fmt.Errorf("encoding what runs: %w", err)
		}
		if !stream {
			_, _ = w.Write(text) // who has left needs no answer
			return nil
		}
		if _, err := fmt.Fprintf(w, "data: %s\n\n", text); err != nil {
			return nil // who has left needs no answer
		}
		_ = out.Flush()
		select {
		case <-r.Context().Done():
			return nil
		case <-tick.C:
		}
	}
	return nil
}

func (p *knowledgePages) collections(w http.ResponseWriter, r *http.Request) error {
	all, err := p.cfg.Knowledge.Collections(r.Context())
	if err != nil {
		return err
	}
	body := p.body("/collections", "What documents are read from. Reading again changes only what is said otherwise; what you changed stays")
	may := person(r).MayConnect
	card := cardOfPage{Head: ui.CardHead{Title: "Collections", Note: countText(int64(len(all)), "collection", "collections")}, Rows: ui.Rows{Label: "Collections"}}
	for i := range all {
		c := &all[i]
		t := &c.Taken
		row := ui.Row{Title: c.Name, Lead: &ui.Pill{Text: c.Way.Label()}, Meta: []ui.Meta{{Text: c.Place}, {Text: countText(int64(t.Read), "entry", "entries")}, {Text: fmt.Sprintf("%d new, %d changed, %d as they were, %d gone", t.Added, t.Changed, t.Unchanged, t.Gone)}, {Time: c.ReadAt}}}
		if c.EveryDays > 0 {
			row.Meta = append(row.Meta, ui.Meta{Text: "every " + countText(int64(c.EveryDays), "day", "days")})
		}
		if c.Problem != "" {
			row.Pills = append(row.Pills, ui.Pill{Text: "could not be read", Tone: ui.ToneBad, Title: c.Problem})
			row.Meta = append(row.Meta, ui.Meta{Text: c.Problem})
		}
		if may && c.Way.Again() {
			row.Actions = []ui.Action{{Label: "Read again", Label2: "Read again: " + c.Name, Post: knowledgePath + "/collections/read", Hidden: []ui.Hidden{{Name: "id", Value: idText(c.ID)}}, Small: true}}
		}
		card.Rows.Items = append(card.Rows.Items, row)
		if t.Rejected > 0 {
			body.Main = append(body.Main, rejectCard(c))
		}
	}
	if len(all) == 0 {
		card.Empty = &ui.Empty{Title: "Nothing is read yet", Text: "Say below where your documents are. A sitemap is the quickest: its pages come into the register at once, and their texts and links with the first check."}
	}
	body.Main = append([]cardOfPage{card}, body.Main...)
	if may {
		body.Side = []cardOfPage{{Head: ui.CardHead{Title: "Read documents"}, Forms: []ui.Form{collectForm()}}, {ID: "log", Head: ui.CardHead{Title: "Count views from a log"}, Text: "In common or combined format, packed with gzip or not. Robots, pictures and errors are left out; readers' addresses are not looked at.", Forms: []ui.Form{logForm()}}}
	}
	return render(p.Site, w, r, p.view, "Where documents come from", body)
}

func rejectCard(c *knowledge.Collection) cardOfPage {
	t := &ui.Table{Caption: "Entries of " + c.Name + " that were left out", Columns: []ui.Column{{Label: "Where"}, {Label: "Why"}}}
	for _, x := range c.Taken.Rejects {
		t.Rows = append(t.Rows, ui.TableRow{ID: x.Place, Cells: []ui.Cell{{Text: x.Place}, {Text: x.Reason}}})
	}
	card := cardOfPage{Head: ui.CardHead{Title: "Left out of " + c.Name, Note: countText(int64(c.Taken.Rejected), "entry", "entries")}, Table: t}
	if c.Taken.Rejected > len(t.Rows) {
		card.Foot = "The first " + strconv.Itoa(len(t.Rows)) + " are shown."
	}
	return card
}

// maxKnowledgeFile is the size of what a browser sends, in bytes.
const maxKnowledgeFile = 256 << 20

func collectForm() ui.Form {
	var ways []ui.Option
	for _, way := range knowledge.Ways() {
		ways = append(ways, ui.Option{Value: string(way), Label: way.Label()})
	}
	return ui.Form{
		Post: knowledgePath + "/collections", Upload: true, Fields: []ui.Field{
			{Name: "way", Label: "What", Type: "select", Options: ways, Value: string(knowledge.Sitemap)},
			{Name: "place", Label: "Where", OneOf: true, Placeholder: "https://docs.example.org/sitemap.xml", Help: "The sitemap's address, a folder on the server, SOURCE/CHANNEL of a forum such as forum/documentation, or a name for a list."},
			{Name: "file", Label: "File", Type: "file", OneOf: true, MaxBytes: maxKnowledgeFile, TooLarge: "The file has more than 256 MB; use greenroom document import.", Help: "Of an export: the zip. Of a table: the CSV file, with columns such as title, address, kind, owner."},
			{Name: "text", Label: "Addresses, one a line", Type: "textarea", OneOf: true},
		},
		More: []ui.Field{
			{Name: "base", Label: "Web address that the files are below", Placeholder: "https://docs.example.org/", Help: "Of a folder or export. Empty: they are internal."},
			{Name: "kind", Label: "Kind", Type: "select", Options: documentKinds("As they say")},
			{Name: "audience", Label: "Who reads them", Type: "select", Options: []ui.Option{{Label: "As they say"}, {Value: "external", Label: "External"}, {Value: "internal", Label: "Internal"}}},
			{Name: "owner", Label: "Owner", Placeholder: "ana@example.org"},
			{Name: "review_days", Label: "Verify every … days", Type: "number"},
			{Name: "every_days", Label: "Read again every … days", Type: "number"},
		},
		Actions: []ui.Action{{Label: "Read", Submit: true, Style: ui.StylePrimary}},
	}
}

func logForm() ui.Form {
	return ui.Form{Post: knowledgePath + "/log", Upload: true, Fields: []ui.Field{
		{Name: "host", Label: "Host", Required: true, Placeholder: "docs.example.org", Prefix: "log"}, {Name: "file", Label: "Log", Type: "file", Required: true, MaxBytes: maxKnowledgeFile, TooLarge: "The log has more than 256 MB; use greenroom document use.", Prefix: "log"},
	}, Actions: []ui.Action{{Label: "Count", Submit: true}}}
}

// sent reads a form with a file in it.
func (p *knowledgePages) sent(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxKnowledgeFile+1<<20)
	if err := r.ParseMultipartForm(8 << 20); err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the form did not arrive whole, or the file has more than 256 MB; send it again", Err: err}
	}
	return nil
}

func formDays(r *http.Request, name string) (int, error) {
	n, err := formID(r, name)
	return int(n), err
}

func (p *knowledgePages) collect(w http.ResponseWriter, r *http.Request) error {
	if err := p.sent(w, r); err != nil {
		return err
	}
	defer r.MultipartForm.RemoveAll() //nolint:errcheck // the system's folder for temporary files is emptied anyway
	c := knowledge.Collection{
		Way: knowledge.Way(r.FormValue("way")), Place: strings.TrimSpace(r.FormValue("place")), Base: r.FormValue("base"), Kind: knowledge.Kind(r.FormValue("kind")), Audience: knowledge.Audience(r.FormValue("audience")), Owner: r.FormValue("owner"),
	}
	var err error
	if c.ReviewDays, err = formDays(r, "review_days"); err != nil {
		return err
	}
	if c.EveryDays, err = formDays(r, "every_days"); err != nil {
		return err
	}
	in := knowledge.Content{Text: r.FormValue("text")}
	if file, head, err := r.FormFile("file"); err == nil {
		defer file.Close() //nolint:errcheck // it was only read
		in.File, in.Size = file, head.Size
		c.Place = firstText(c.Place, head.Filename)
	}
	if c.Way == knowledge.List {
		c.Place = firstText(c.Place, "Addresses")
	}
	c, err = p.cfg.Knowledge.Import(r.Context(), c, in, person(r).Actor)
	if err != nil {
		return err
	}
	t := &c.Taken
	return p.back(w, r, knowledgePath+"/collections", fmt.Sprintf("%s: %s, %d new, %d changed, %d left out.", c.Name, countText(int64(t.Read), "entry", "entries"), t.Added, t.Changed, t.Rejected), "")
}

func (p *knowledgePages) readAgain(w http.ResponseWriter, r *http.Request) error {
	id, err := formID(r, "id")
	if err != nil {
		return err
	}
	c, err := p.cfg.Knowledge.ReadAgain(r.Context(), id, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, knowledgePath+"/collections", fmt.Sprintf("%s was read: %d new, %d changed.", c.Name, c.Taken.Added, c.Taken.Changed), "")
}

func (p *knowledgePages) log(w http.ResponseWriter, r *http.Request) error {
	if err := p.sent(w, r); err != nil {
		return err
	}
	defer r.MultipartForm.RemoveAll() //nolint:errcheck // the system's folder for temporary files is emptied anyway
	file, head, err := r.FormFile("file")
	if err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "choose the log", Err: err}
	}
	defer file.Close() //nolint:errcheck // it was only read
	read, err := p.cfg.Knowledge.ImportLog(r.Context(), head.Filename, r.FormValue("host"), file, person(r).Actor)
	if err != nil {
		return err
	}
	said := fmt.Sprintf("%s: %s of documents, %d of other pages, %d lines that are no readers, %d that could not be read.", head.Filename, countText(read.Views, "view", "views"), read.Elsewhere, read.Left, read.Rejected)
	if len(read.Rejects) > 0 {
		said += " The first is " + read.Rejects[0].Place + ": " + read.Rejects[0].Reason + "."
	}
	return p.back(w, r, knowledgePath+"/collections#log", said, "")
}

func (p *knowledgePages) settings(w http.ResponseWriter, r *http.Request) error {
	set, err := p.cfg.Knowledge.Settings(r.Context())
	if err != nil {
		return err
	}
	body := p.body("/settings", "How documents are watched")
	f := ui.Form{Post: knowledgePath + "/settings", Fields: []ui.Field{
		{Name: "check_days", Label: "Check links every … days", Type: "number", Value: strconv.Itoa(set.CheckDays), Help: "0: only when somebody says so."},
		{Name: "delay_ms", Label: "Pause between two requests to a host, in milliseconds", Type: "number", Value: strconv.Itoa(set.DelayMS), Help: "A host's robots.txt and its Retry-After can make it longer, never shorter."},
		{Name: "anchors", Label: "Look for places in pages that links name", Type: "checkbox", Checked: set.Anchors},
		{Name: "remind", Label: "Give owners a task when a document is due", Type: "checkbox", Checked: set.Remind},
	}, Actions: []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}}}
	if !person(r).MayAdminister {
		f.Actions = nil
		for i := range f.Fields {
			f.Fields[i].Disabled = true
		}
	}
	body.Main = []cardOfPage{{Head: ui.CardHead{Title: "Settings"}, Forms: []ui.Form{f}}}
	return render(p.Site, w, r, p.view, "Settings of knowledge", body)
}

func (p *knowledgePages) setSettings(w http.ResponseWriter, r *http.Request) error {
	set := knowledge.Settings{Anchors: r.FormValue("anchors") != "", Remind: r.FormValue("remind") != ""}
	var err error
	if set.CheckDays, err = formDays(r, "check_days"); err != nil {
		return err
	}
	if set.DelayMS, err = formDays(r, "delay_ms"); err != nil {
		return err
	}
	if err := p.cfg.Knowledge.SetSettings(r.Context(), set, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, knowledgePath+"/settings", "Saved.", "")
}
