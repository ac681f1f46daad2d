// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/text/trend"
	"greenroom/internal/topic"
	"greenroom/internal/web/ui"
)

// Topics tells what the community talks about; topic.Service does.
type Topics interface {
	Reports(ctx context.Context, hidden bool) ([]topic.Report, error)
	Report(ctx context.Context, key string) (*topic.Report, error)
	Behind(ctx context.Context, r *topic.Report, from, to time.Time, limit int) (people, organizations []topic.Doer, err error)
	State(ctx context.Context) (topic.State, error)
	AskFit(by string)
	Add(ctx context.Context, name, rule string, examples []int64) (topic.Topic, error)
	Edit(ctx context.Context, id int64, c topic.Change) (before topic.Topic, err error)
}

// topicsBody is what topics.html shows.
type topicsBody struct {
	Head   ui.Head
	Work   *ui.Progress
	Views  ui.Segments
	Search ui.Form
	Table  ui.Table
	Empty  *ui.Empty
	Note   string
	Add    *ui.Dialog
}

// topicBody is what topic.html shows.
type topicBody struct {
	Head     ui.Head
	Chart    ui.Chart
	Annotate *ui.Action
	Note     string
	Bursts   ui.Rows
	Messages ui.Rows
	More     *ui.Action
	Empty    *ui.Empty
	Facts    []ui.Fact
	Mix      []ui.Row
	Words    ui.Segments
	People   []ui.Row
	Orgs     []ui.Row
	Related  []ui.Row
	Dialogs  []ui.Dialog
}

type topicPages struct {
	*Site
	list *ui.View[topicsBody]
	one  *ui.View[topicBody]
}

func (s *Site) addTopics() error {
	if s.cfg.Topics == nil {
		return nil
	}
	p := &topicPages{Site: s}
	var err error
	if p.list, err = ui.Parse[topicsBody](s.kit, templates, "templates/topics.html"); err != nil {
		return err
	}
	if p.one, err = ui.Parse[topicBody](s.kit, templates, "templates/topic.html"); err != nil {
		return err
	}
	s.handle("GET /topics", p.all)
	s.handle("GET /topics/{id}", p.show)
	s.change("POST /topics", mayWrite, p.add)
	s.change("POST /topics/fit", mayWrite, p.fit)
	s.change("POST /topics/{id}", mayWrite, p.edit)
	return s.addAnnotations()
}

func topicHref(id int64) string { return "/topics/" + idText(id) }

// topicList is the list of messages of a topic in a time; a zero time leaves that end open.
func topicList(id int64, from, to time.Time) string {
	q := "topic:" + idText(id)
	if !from.IsZero() {
		q += " occurred:" + from.Format(time.DateOnly) + ".." + to.AddDate(0, 0, -1).Format(time.DateOnly)
	}
	return "/activities?q=" + url.QueryEscape(q)
}

// courses are the views of the list.
func courses() []ui.Segment {
	return []ui.Segment{{Label: "All"}, {Label: "New", Href: "new"}, {Label: "Rising", Href: "rising"}, {Label: "Fading", Href: "fading"}, {Label: "Hidden", Href: "hidden"}}
}

func (p *topicPages) all(w http.ResponseWriter, r *http.Request) error {
	view, find := r.URL.Query().Get("view"), strings.TrimSpace(r.URL.Query().Get("find"))
	reports, err := p.cfg.Topics.Reports(r.Context(), true)
	if err != nil {
		return err
	}
	st, err := p.cfg.Topics.State(r.Context())
	if err != nil {
		return err
	}
	body := topicsBody{Head: ui.Head{Title: "Topics", Subtitle: "What the community talks about, found in its messages"}}
	if person(r).MayWrite {
		body.Head.Actions = []ui.Action{{Label: "Find again", Post: "/topics/fit"}, {Label: "Add a topic", Dialog: "add-topic", Style: ui.StylePrimary}}
		body.Add = addTopicDialog()
	}
	body.Work = fitWork(&st)
	counts := make(map[string]int)
	for i := range reports {
		switch rep := &reports[i]; {
		case rep.Hidden:
			counts["hidden"]++
		default:
			counts[""]++
			if rep.Course != trend.Steady {
				counts[string(rep.Course)]++
			}
		}
	}
	body.Views.Label = "Which topics"
	for _, seg := range courses() {
		key := seg.Href
		if key == "hidden" && counts[key] == 0 {
			continue
		}
		seg.Active, seg.Count = view == key, some(int64(counts[key]))
		seg.Href = "/topics?" + url.Values{"view": {key}, "find": {find}}.Encode()
		body.Views.Items = append(body.Views.Items, seg)
	}
	body.Search = ui.Form{Get: "/topics", Hidden: []ui.Hidden{{Name: "view", Value: view}}, Fields: []ui.Field{{Name: "find", Label: "Find a topic", Type: "search", Value: find, Placeholder: "webhook", OneOf: true}}, Actions: []ui.Action{{Label: "Find", Submit: true}}}
	body.Table = topicTable(reports, view, strings.ToLower(find))
	if len(body.Table.Rows) == 0 {
		body.Empty = p.emptyTopics(r, &st, len(reports) > 0)
	}
	if !st.Fit.At.IsZero() {
		body.Note = "Found in " + countText(st.Fit.Messages, "message", "messages") + " " + ui.Ago(p.cfg.Now(), st.Fit.At) + ". Counts are of the last 28 days, against the 28 days before; rising and fading only where the change is more than noise."
	}
	return render(p.Site, w, r, p.list, "Topics", body)
}

// fitWork says how far finding topics is, while it goes on.
func fitWork(st *topic.State) *ui.Progress {
	switch {
	case st.Failed != "":
		return &ui.Progress{ID: "topics-fit", Label: "Topics could not be found", Failed: true, Note: sentence(st.Failed) + " The topics before stay."}
	case st.Fitting:
		return &ui.Progress{ID: "topics-fit", Label: "Finding topics", Note: "Load the page again in a moment. You can leave it; nothing is lost."}
	case st.Done < st.Total && !st.Fit.At.IsZero():
		return &ui.Progress{ID: "topics-fit", Label: "Putting messages into topics", Done: int(st.Done), Total: int(st.Total), Unit: "activities", Note: "Figures grow until all messages are in their topics."}
	}
	return nil
}

func (p *topicPages) emptyTopics(r *http.Request, st *topic.State, any bool) *ui.Empty {
	switch {
	case any:
		return &ui.Empty{Title: "No topic fits", Text: "Choose another view, or other words.", Actions: []ui.Action{{Label: "All topics", Href: "/topics"}}}
	case p.counts.get(r.Context()).Sources == 0:
		return &ui.Empty{Title: "No topics yet", Text: "What members ask, report and wish is found in their messages by itself, without a list of words.", Actions: []ui.Action{{Label: "Import your data", Href: "/start", Style: ui.StylePrimary}}}
	case st.Fit.At.IsZero() || st.Fitting:
		return &ui.Empty{Title: "Topics are being found", Text: "The messages are read in the background; that takes seconds for a small community and a minute for a large one. Load the page again in a moment.", Actions: []ui.Action{{Label: "Load again", Href: "/topics"}}}
	default:
		return &ui.Empty{Title: "No topics yet", Text: "There are too few messages to tell topics apart. They are looked for again as more come in; a topic with a rule of your own works at once."}
	}
}

func coursePill(c trend.Course) []ui.Pill {
	switch c {
	case trend.New:
		return []ui.Pill{{Text: "new", Tone: ui.ToneInfo}}
	case trend.Rising:
		return []ui.Pill{{Text: "rising", Tone: ui.ToneWarn}}
	case trend.Fading:
		return []ui.Pill{{Text: "fading"}}
	default:
		return nil
	}
}

func topicTable(reports []topic.Report, view, find string) ui.Table {
	t := ui.Table{Caption: "Topics", Columns: []ui.Column{{Label: "Topic"}, {Label: "Messages", Number: true}, {Label: "Change", Number: true}, {Label: "13 weeks"}, {Label: "Last burst"}}}
	for i := range reports {
		rep := &reports[i]
		if rep.Hidden != (view == "hidden") || view != "" && view != "hidden" && view != string(rep.Course) || !matches(rep, find) {
			continue
		}
		to := dayAfter(rep)
		bursts := ui.Cell{}
		if n := len(rep.Bursts); n > 0 {
			b := &rep.Bursts[n-1]
			bursts = ui.Cell{Text: b.From.Format("2 Jan") + " ×" + ui.Decimal(b.Times(), 1), Href: topicList(rep.ID, b.From, b.To), Sub: ui.Number(int(b.Count)) + " messages, usual were " + ui.Decimal(b.Expected, 1)}
		}
		words := strings.Join(rep.Terms[:min(len(rep.Terms), 5)], ", ")
		if words == "" && rep.Rule != "" {
			words = rep.Rule
		}
		t.Rows = append(t.Rows, ui.TableRow{ID: idText(rep.ID), Cells: []ui.Cell{
			{Text: rep.Name, Href: topicHref(rep.ID), Sub: words, Pills: coursePill(rep.Course)},
			{Text: ui.Number(int(rep.Count)), Href: topicList(rep.ID, to.AddDate(0, 0, -28), to)},
			{Text: changeText(rep.Count, rep.Before)},
			{Spark: weeks(rep)},
			bursts,
		}})
	}
	return t
}

// matches reports whether a topic is called so, or has such a word.
func matches(r *topic.Report, find string) bool {
	return find == "" || strings.Contains(strings.ToLower(r.Name+" "+strings.Join(r.Terms, " ")), find)
}

// dayAfter is the day after the last that a report counts.
func dayAfter(r *topic.Report) time.Time { return r.From.AddDate(0, 0, max(len(r.Days), 1)) }

// changeText is a change between two counts.
func changeText(now, before int64) string {
	switch {
	case now == before:
		return "±0"
	case before == 0:
		return "from 0"
	case now > before:
		return "+" + ui.Percent(float64(now-before)/float64(before))
	default:
		return "−" + ui.Percent(float64(before-now)/float64(before))
	}
}

// weeks is a small line of a topic's weeks.
func weeks(r *topic.Report) *ui.Spark {
	s := &ui.Spark{}
	for from := len(r.Days) % 7; from+7 <= len(r.Days); from += 7 {
		n := 0.0
		for _, c := range r.Days[from : from+7] {
			n += c
		}
		s.Values = append(s.Values, n)
	}
	if len(s.Values) > 1 {
		s.Label = "weeks, from " + ui.Decimal(s.Values[0], 0) + " to " + ui.Decimal(s.Values[len(s.Values)-1], 0)
	}
	return s
}

func (p *topicPages) show(w http.ResponseWriter, r *http.Request) error {
	if _, err := pathID(r); err != nil {
		return err
	}
	rep, err := p.cfg.Topics.Report(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if idText(rep.ID) != r.PathValue("id") { // it was merged
		http.Redirect(w, r, topicHref(rep.ID), http.StatusFound)
		return nil
	}
	to := dayAfter(rep)
	body := topicBody{Head: ui.Head{
		Title: rep.Name, Back: &ui.Action{Label: "Topics", Href: "/topics"}, Pills: coursePill(rep.Course),
		Subtitle: countText(rep.Count, "message", "messages") + " in 28 days · " + changeText(rep.Count, rep.Before) + " against the 28 days before",
	}}
	if rep.Hidden {
		body.Head.Pills = append(body.Head.Pills, ui.Pill{Text: "hidden"})
	}
	marks, err := p.marks(r.Context(), rep.From, to)
	if err != nil {
		return err
	}
	body.Chart = topicChart(rep, marks.on(func(at time.Time) string { return at.Format("2 Jan") }, dayLabels(rep)))
	body.Note = "A bar opens the messages of its day."
	body.Bursts = burstRows(rep)
	body.Words.Label = "Messages with a word"
	for _, t := range rep.Terms {
		body.Words.Items = append(body.Words.Items, ui.Segment{Label: t, Href: "/activities?q=" + url.QueryEscape("topic:"+idText(rep.ID)+` "`+t+`"`)})
	}
	body.Facts, body.Mix = topicFacts(rep), mixRows(rep, to)
	if err := p.beside(r, rep, to, &body); err != nil {
		return err
	}
	if person(r).MayWrite {
		a, d := p.annotate(r)
		body.Annotate = &a
		body.Dialogs = append(body.Dialogs, d)
		if err := p.editing(r, rep, &body); err != nil {
			return err
		}
	}
	return render(p.Site, w, r, p.one, rep.Name, body)
}

func dayLabels(r *topic.Report) []string {
	labels := make([]string, len(r.Days))
	for i := range labels {
		labels[i] = r.From.AddDate(0, 0, i).Format("2 Jan")
	}
	return labels
}

// topicChart draws the days of a topic, those of bursts in another color.
func topicChart(r *topic.Report, marks []ui.Mark) ui.Chart {
	c := ui.Chart{Title: "Messages a day", Kind: ui.Stack, Axis: "Day", Size: "lg", Open: true, Labels: dayLabels(r), Marks: marks}
	usual := ui.Series{Name: "Messages", Values: make([]float64, len(r.Days)), Hrefs: make([]string, len(r.Days)), Color: 1}
	burst := ui.Series{Name: "In a burst", Values: make([]float64, len(r.Days)), Hrefs: make([]string, len(r.Days)), Color: 4}
	for i, n := range r.Days {
		day := r.From.AddDate(0, 0, i)
		to := &usual
		for j := range r.Bursts {
			if b := &r.Bursts[j]; !day.Before(b.From) && day.Before(b.To) {
				to = &burst
			}
		}
		usual.Values[i], burst.Values[i] = 0, 0
		to.Values[i] = n
		if n > 0 {
			to.Hrefs[i] = topicList(r.ID, day, day.AddDate(0, 0, 1))
		}
	}
	c.Series = []ui.Series{usual}
	if len(r.Bursts) > 0 {
		c.Series = append(c.Series, burst)
	}
	return c
}

func burstRows(r *topic.Report) ui.Rows {
	rows := ui.Rows{Label: "Bursts"}
	for i := len(r.Bursts) - 1; i >= 0; i-- {
		b := &r.Bursts[i]
		span := b.From.Format("2 Jan")
		if last := b.To.AddDate(0, 0, -1); last.After(b.From) {
			span += " to " + last.Format("2 Jan")
		}
		row := ui.Row{Title: span, Href: topicList(r.ID, b.From, b.To), Strong: b.Open, Value: "×" + ui.Decimal(b.Times(), 1), Meta: []ui.Meta{{Text: ui.Number(int(b.Count)) + " messages, usual were " + ui.Decimal(b.Expected, 1)}}}
		if b.Open {
			row.Pills = []ui.Pill{{Text: "goes on", Tone: ui.ToneWarn}}
		}
		rows.Items = append(rows.Items, row)
	}
	return rows
}

func topicFacts(r *topic.Report) []ui.Fact {
	facts := []ui.Fact{{Label: "In 26 weeks", Value: ui.Number(int(r.Total)) + " messages", Href: topicList(r.ID, time.Time{}, time.Time{})}, {Label: "Number", Value: idText(r.ID)}}
	if r.FoundName != "" && r.Origin == topic.Found {
		facts = append(facts, ui.Fact{Label: "Found as", Value: r.FoundName})
	}
	if r.Rule != "" {
		facts = append(facts, ui.Fact{Label: "Rule", Value: r.Rule, Href: "/activities?q=" + url.QueryEscape(r.Rule)})
	}
	if r.Gone {
		facts = append(facts, ui.Fact{Label: "Last fit", Value: "did not find it again"})
	}
	for i := range r.Parts {
		facts = append(facts, ui.Fact{Label: "Part", Value: r.Parts[i].Name, Href: topicHref(r.Parts[i].ID)})
	}
	for i := range r.Merged {
		facts = append(facts, ui.Fact{Label: "Merged into it", Value: r.Merged[i].Name})
	}
	return facts
}

// mixRows says what a topic's messages of the last 13 weeks were read as, each with its messages.
func mixRows(r *topic.Report, to time.Time) []ui.Row {
	if r.Mix == nil || r.Mix.Read == 0 {
		return nil
	}
	var rows []ui.Row
	for _, part := range []struct {
		field string
		of    []topic.MixPart
		skip  string
	}{{"category", r.Mix.Categories, ""}, {"sentiment", r.Mix.Sentiments, "unsure"}} {
		for _, m := range part.of {
			if m.Label == part.skip {
				continue
			}
			q := "topic:" + idText(r.ID) + " " + part.field + ":" + m.Label + " occurred:" + r.From.Format(time.DateOnly) + ".." + to.AddDate(0, 0, -1).Format(time.DateOnly)
			rows = append(rows, ui.Row{Title: m.Label, Href: "/activities?q=" + url.QueryEscape(q), Value: ui.Number(int(m.Count)) + " · " + strconv.Itoa(int((200*m.Count+r.Mix.Read)/(2*r.Mix.Read))) + " %"})
		}
	}
	return rows
}

const besideMost = 8

// beside fills in the last messages, who is behind them, and related topics.
func (p *topicPages) beside(r *http.Request, rep *topic.Report, to time.Time, body *topicBody) error {
	q, err := query.Parse(p.schemas[query.Activities], "topic:"+idText(rep.ID)+" sort:-occurred")
	if err != nil {
		return err
	}
	page, err := p.cfg.Lists.ListActivities(r.Context(), list.Request{Query: q, Limit: 12})
	if err != nil {
		return err
	}
	body.Messages = ui.Rows{Label: "Latest messages"}
	for i := range page.Items {
		body.Messages.Items = append(body.Messages.Items, activityRow(&page.Items[i], true))
	}
	if page.Next != "" {
		body.More = &ui.Action{Label: "All its messages", Href: topicList(rep.ID, time.Time{}, time.Time{})}
	}
	if len(page.Items) == 0 {
		body.Empty = &ui.Empty{Title: "No message yet", Text: "Messages come here as they fit the topic's rule, or are like its examples."}
	}
	people, orgs, err := p.cfg.Topics.Behind(r.Context(), rep, rep.From, to, besideMost)
	if err != nil {
		return err
	}
	for _, d := range people {
		body.People = append(body.People, ui.Row{Avatar: &ui.Avatar{Name: d.Name, Seed: idText(d.ID), Size: "sm"}, Title: d.Name, Href: memberHref(d.ID), Value: ui.Number(int(d.Count))})
	}
	for _, d := range orgs {
		body.Orgs = append(body.Orgs, ui.Row{Title: d.Name, Href: "/organizations/" + idText(d.ID), Value: ui.Number(int(d.Count))})
	}
	all, err := p.cfg.Topics.Reports(r.Context(), false)
	if err != nil {
		return err
	}
	for i := range all {
		if o := &all[i]; o.ID != rep.ID && len(body.Related) < besideMost && related(rep, o) {
			body.Related = append(body.Related, ui.Row{Title: o.Name, Href: topicHref(o.ID), Value: ui.Number(int(o.Count))})
		}
	}
	return nil
}

// related reports whether topics share one of the words that tell most of them.
func related(a, b *topic.Report) bool {
	if a.Parent != 0 && (a.Parent == b.ID || a.Parent == b.Parent) || b.Parent == a.ID {
		return true
	}
	for _, x := range a.Terms {
		for _, y := range b.Terms {
			if strings.EqualFold(x, y) {
				return true
			}
		}
	}
	return false
}

func formID(r *http.Request, name string) (int64, error) {
	v := strings.TrimSpace(r.FormValue(name))
	if v == "" {
		return 0, nil
	}
	id, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return 0, greenroom.FieldErrorf(name, "%s: expected a whole number, not %q", strings.ReplaceAll(name, "_", " "), v)
	}
	return id, nil
}
