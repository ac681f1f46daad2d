// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"greenroom/internal/outbox"
	"greenroom/internal/task"
)

// Event is what a webhook is sent: the body of its request. Fields are added to it, never changed.
type Event struct {
	Version int       `json:"version"` // 1
	Key     string    `json:"key"`     // the same as in the header Idempotency-Key; one that was seen is to be ignored
	Sent    time.Time `json:"at"`
	Alert   Heading   `json:"alert"`
	Test    bool      `json:"test,omitempty"` // somebody tries the alert
	Firings []Told    `json:"firings"`        // one, or those of a digest
	More    int64     `json:"more,omitempty"` // how many of a digest are not among them
}

// Heading is the alert in an event.
type Heading struct {
	ID       int64    `json:"id"`
	Name     string   `json:"name"`
	Severity Severity `json:"severity"`
	Watch    Watch    `json:"watch"`
	Query    string   `json:"query,omitempty"`
	Do       string   `json:"do,omitempty"`
	URL      string   `json:"url,omitempty"` // its page
}

// Told is a firing in an event.
type Told struct {
	ID      int64     `json:"id"`
	At      time.Time `json:"at"`
	Title   string    `json:"title"`
	Count   int64     `json:"count"` // matches so far
	Object  Object    `json:"object"`
	Subject *Subject  `json:"subject,omitempty"` // left out in digests
	Links   Links     `json:"links"`
}

// Links are what can be done about a firing.
type Links struct {
	Open      string `json:"open,omitempty"`   // in Greenroom
	Source    string `json:"source,omitempty"` // where it was said
	Useful    string `json:"useful,omitempty"`
	NotUseful string `json:"not_useful,omitempty"`
}

// title says in a line what happened.
func (s *Subject) title() string {
	switch {
	case s.Figure != nil:
		return s.Figure.Label + ": " + s.Figure.Shown
	case s.Trouble != nil:
		return s.Trouble.Source + ": " + s.Trouble.Says
	case s.Object.Kind == "organization" && s.Organization != nil:
		return s.Organization.Name
	case s.Object.Kind == "member" && s.Member != nil:
		return s.who()
	case s.Object.Kind == "conversation" && s.Conversation != nil:
		return clip(cmp.Or(s.Conversation.Title, s.Title, "A conversation"), 120) + in(s.Channel, s.Source)
	}
	return s.who() + " " + s.verb() + in(s.Channel, s.Source)
}

// who is the person with the organization.
func (s *Subject) who() string {
	name := "Somebody"
	if s.Member != nil && s.Member.Name != "" {
		name = s.Member.Name
	}
	if s.Organization != nil {
		name += " (" + s.Organization.Name + ")"
	}
	return name
}

func in(channel, source string) string {
	if channel != "" {
		return " in #" + strings.TrimPrefix(channel, "#")
	}
	if source != "" {
		return " on " + source
	}
	return ""
}

// verb says what they do.
func (s *Subject) verb() string {
	verbs := map[string]string{
		"question": "asks", "bug": "reports a bug", "feature": "wishes for something", "praise": "praises", "announcement": "announces something",
		"introduction": "introduces themselves", "job": "posts a job",
	}
	if v, ok := verbs[s.Category]; ok {
		return v
	}
	if s.Question {
		return "asks"
	}
	if s.Kind == "" || s.Title != "" || s.Text != "" {
		return "writes"
	}
	return strings.ReplaceAll(s.Kind, "_", " ")
}

func clip(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-1]) + "…"
}

// card draws what a firing says. links may be empty.
func (a *Alert) card(s *Subject, title string, links *Links) *outbox.Card {
	c := &outbox.Card{Title: title, URL: links.Open, Tone: a.tone(), Do: a.Do, Foot: a.foot()}
	switch {
	case s.Figure != nil:
		c.Text = fmt.Sprintf("%s to %s.", s.Figure.From.Format("2 January 2006"), s.Figure.To.Add(-time.Second).Format("2 January"))
		c.Facts = []outbox.CardFact{{Label: "Now", Value: s.Figure.Shown}}
		if s.Figure.Previous != "" {
			c.Facts = append(c.Facts, outbox.CardFact{Label: "The period before", Value: s.Figure.Previous})
		}
		c.Facts = append(c.Facts, outbox.CardFact{Label: "Noise?", Value: s.Figure.Noise.Says})
	case s.Trouble != nil:
		c.Text = s.Trouble.Says
		c.Do = cmp.Or(s.Trouble.Advice, a.Do)
	default:
		if s.Title != "" && s.Title != title {
			c.Text = s.Title
		}
		c.Quote, c.Facts = s.Text, s.facts()
	}
	add := func(label, to string, primary bool) {
		if to != "" {
			c.Links = append(c.Links, outbox.CardLink{Label: label, URL: to, Primary: primary})
		}
	}
	add("Open in Greenroom", links.Open, true)
	add("Open at the source", links.Source, false)
	add("Useful", links.Useful, false)
	add("Not useful", links.NotUseful, false)
	return c
}

// facts say who they are to the business, and what they need.
func (s *Subject) facts() []outbox.CardFact {
	var all []outbox.CardFact
	add := func(label, value string) {
		if value != "" {
			all = append(all, outbox.CardFact{Label: label, Value: value})
		}
	}
	if p := s.Member; p != nil {
		v := p.Name
		if p.Activities > 0 {
			v += fmt.Sprintf(", %d activities", p.Activities)
		}
		if !p.FirstActive.IsZero() {
			v += ", since " + p.FirstActive.Format("January 2006")
		}
		add("Who", v)
	}
	if o := s.Organization; o != nil {
		add("Organization", joined(", ", o.Name, o.Lifecycle))
		if o.Deal != "" || o.Stage != "" {
			add("Deal", joined(", ", o.Deal, o.Stage, money(o.Amount, o.Currency)))
		}
	}
	if s.Category != "" || s.Sentiment != "" || s.Urgency != "" {
		add("Says", joined(", ", s.Category, s.Sentiment, urgent(s.Urgency)))
	}
	add("About", strings.Join(s.Topics, ", "))
	add("Where", joined(" ", s.Source, hash(s.Channel)))
	if c := s.Conversation; c != nil {
		replies := fmt.Sprintf("%d replies", c.Replies)
		switch c.Replies {
		case 0:
			replies = "no reply yet"
		case 1:
			replies = "1 reply"
		}
		add("Conversation", joined(", ", c.State, replies))
	}
	return all
}

func urgent(urgency string) string {
	switch urgency {
	case "now":
		return "urgent now"
	case "soon":
		return "urgent"
	}
	return ""
}

func hash(channel string) string {
	if channel == "" {
		return ""
	}
	return "#" + strings.TrimPrefix(channel, "#")
}

func joined(sep string, all ...string) string {
	var there []string
	for _, v := range all {
		if v != "" {
			there = append(there, v)
		}
	}
	return strings.Join(there, sep)
}

func money(amount float64, currency string) string {
	if amount == 0 {
		return ""
	}
	return strings.TrimSpace(strconv.FormatFloat(amount, 'f', -1, 64) + " " + currency)
}

func (a *Alert) tone() outbox.CardTone {
	switch a.Severity {
	case Urgent:
		return outbox.CardUrgent
	case Warning:
		return outbox.CardWarn
	case Info:
	}
	return outbox.CardPlain
}

func (a *Alert) foot() string {
	return "Alert “" + a.Name + "”" + lead(": ", a.Query)
}

func lead(before, text string) string {
	if text == "" {
		return ""
	}
	return before + text
}

// AnswerPath is where the links lead that ask whether a firing was useful. They open without signing in.
const AnswerPath = "/alerts/answer"

// placeAnswer ties the tokens of these links to what they are for.
const placeAnswer = "alert/answer"

// links are what can be done about a firing. id 0 = it is a test, which nobody judges.
func (s *Service) links(a *Alert, sub *Subject, o Object, id int64) (Links, error) {
	l := Links{Source: sub.URL}
	if s.base == "" {
		return l, nil
	}
	l.Open = s.base + pathOf(o, sub, a.ID)
	if id == 0 {
		return l, nil
	}
	for answer, to := range map[string]*string{"useful": &l.Useful, "not": &l.NotUseful} {
		token, err := s.seal.Seal([]byte(strconv.FormatInt(id, 10)+" "+answer), placeAnswer)
		if err != nil {
			return l, fmt.Errorf("sealing a link of firing %d: %w", id, err)
		}
		*to = s.base + AnswerPath + "?t=" + url.QueryEscape(token)
	}
	return l, nil
}

// pathOf is an object's page.
func pathOf(o Object, s *Subject, alert int64) string {
	id := strconv.FormatInt(o.ID, 10)
	switch {
	case s.Conversation != nil && s.Conversation.ID > 0:
		return "/conversations/" + strconv.FormatInt(s.Conversation.ID, 10)
	case o.Kind == "activity":
		return "/activities?q=id%3A" + id
	case o.Kind == "conversation":
		return "/conversations/" + id
	case o.Kind == "member":
		return "/members/" + id
	case o.Kind == "organization":
		return "/organizations/" + id
	case s.Figure != nil:
		return "/insights/" + url.PathEscape(s.Figure.Metric)
	case s.Trouble != nil:
		return "/sources/" + url.PathEscape(s.Trouble.Source)
	}
	return "/alerts/" + strconv.FormatInt(alert, 10)
}

// Path is the page of what a firing is about.
func (f *Firing) Path() string {
	s := &Subject{}
	if f.ConversationID > 0 {
		s.Conversation = &Conversation{ID: f.ConversationID}
	}
	return pathOf(f.Object, s, f.AlertID)
}

// told is one message, before it is known where it goes.
type told struct {
	key, subject string
	run          int64 // the firing; 0 = several, or a test
	step         string
	card         *outbox.Card
	event        Event
	path         string // of the notice
}

// one is the message of one firing.
func (s *Service) one(a *Alert, f *Firing, sub *Subject) (*told, error) {
	links, err := s.links(a, sub, f.Object, f.ID)
	if err != nil {
		return nil, err
	}
	t := &told{key: f.Key, subject: f.Title, run: f.ID, step: "now", card: a.card(sub, f.Title, &links), path: pathOf(f.Object, sub, a.ID)}
	t.event = Event{Version: 1, Key: f.Key, Sent: f.At, Alert: s.heading(a), Firings: []Told{{f.ID, f.At, f.Title, f.Count, f.Object, sub, links}}}
	return t, nil
}

func (s *Service) heading(a *Alert) Heading {
	h := Heading{ID: a.ID, Name: a.Name, Severity: a.Severity, Watch: a.Watch, Query: a.Query, Do: a.Do}
	if s.base != "" {
		h.URL = s.base + "/alerts/" + strconv.FormatInt(a.ID, 10)
	}
	return h
}

// listed is how many firings a digest names.
const listed = 20

// several is the message that tells of firings together.
func (s *Service) several(a *Alert, all []Firing, key string, now time.Time) (*told, error) {
	total := int64(0)
	for i := range all {
		total += all[i].Count
	}
	title := fmt.Sprintf("%s: %d times", a.Name, total)
	if total == 1 {
		title = a.Name + ": once"
	}
	t := &told{key: key, subject: title, step: "digest", path: "/alerts/" + strconv.FormatInt(a.ID, 10)}
	t.card = &outbox.Card{Title: title, Tone: a.tone(), Do: a.Do, Foot: a.foot()}
	t.event = Event{Version: 1, Key: key, Sent: now, Alert: s.heading(a), More: int64(max(0, len(all)-listed))}
	t.card.URL = t.event.Alert.URL
	for i := range all[:min(len(all), listed)] {
		f := &all[i]
		links, err := s.links(a, &Subject{}, f.Object, f.ID)
		if err != nil {
			return nil, err
		}
		if links.Open != "" {
			links.Open = s.base + f.Path()
		}
		item := outbox.CardItem{Title: f.Title, URL: links.Open, Text: joined(" · ", f.Excerpt, f.At.In(s.zone()).Format("Mon 15:04"))}
		if f.Count > 1 {
			item.Text += fmt.Sprintf(", %d times", f.Count)
		}
		t.card.Items = append(t.card.Items, item)
		t.event.Firings = append(t.event.Firings, Told{f.ID, f.At, f.Title, f.Count, f.Object, nil, links})
	}
	if t.event.More > 0 {
		t.card.Text = fmt.Sprintf("The first %d of them:", listed)
	}
	if t.card.URL != "" {
		t.card.Links = []outbox.CardLink{{Label: "Open in Greenroom", URL: t.card.URL, Primary: true}}
	}
	return t, nil
}

// letters are a message for each place it goes to, and a notice for each person.
func (s *Service) letters(a *Alert, t *told, to *places, now time.Time) ([]outbox.Message, []task.Notice, error) {
	var all []outbox.Message
	for _, id := range a.Destinations {
		d, ok := to.at[id]
		if !ok {
			continue // it was removed
		}
		m := outbox.Message{
			Key: t.key + " to " + strconv.FormatInt(id, 10), Channel: d.Channel, Destination: id, Origin: outbox.Origin{Kind: Origin, ID: a.ID, Run: t.run, Step: t.step},
			Subject: clip(oneLine(t.subject), 200), Text: cmp.Or(t.card.Markdown(), t.subject), State: outbox.Queued, CreatedAt: now,
		}
		var err error
		if d.Channel == outbox.Webhook {
			e := t.event
			e.Key = m.Key
			if m.Data, err = json.Marshal(&e); err != nil {
				return nil, nil, fmt.Errorf("writing an event: %w", err)
			}
		} else if m.Data, err = t.card.Data(); err != nil {
			return nil, nil, err
		}
		all = append(all, m)
	}
	var notices []task.Notice
	for _, person := range to.people(a.People) {
		notices = append(notices, task.Notice{Key: t.key, Person: person, Kind: Origin, Title: clip(a.Name+": "+oneLine(t.subject), 200), Text: clip(cmp.Or(t.card.Quote, t.card.Text), 300), Link: t.path})
	}
	return all, notices, nil
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// Origin is what the messages and notices of alerts say they are from.
const Origin = "alert"
