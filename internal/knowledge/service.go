// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package knowledge

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"greenroom"
	"greenroom/internal/task"
	"greenroom/internal/text/alike"
)

// Store keeps everything of the register.
type Store interface {
	Register
	Collections
	Witness
	Talk
	LinkStore
	Links
}

// Register keeps documents.
type Register interface {
	Documents(ctx context.Context) ([]Document, error)
	Document(ctx context.Context, id int64) (Document, error)
	// AddDocument stores a new document with an event. CodeConflict where its address is known.
	AddDocument(ctx context.Context, d Document) (Document, error)
	// ChangeDocument stores a document whose version is still the one it was read with. CodeConflict where somebody was first.
	ChangeDocument(ctx context.Context, d Document, detail, by string, at time.Time) (Document, error)
	// VerifyDocument notes that somebody found it right, and ends the tasks that ask for it.
	VerifyDocument(ctx context.Context, id int64, by string, at time.Time) (Event, error)
	// UndoDocument takes the last change or verification of a document back.
	UndoDocument(ctx context.Context, event int64, by string, at time.Time) (Document, error)
	DocumentEvents(ctx context.Context, id int64, limit int) ([]Event, error)
}

// Collections keeps where documents come from.
type Collections interface {
	Collections(ctx context.Context) ([]Collection, error)
	// SaveCollection stores one; one without id is new, or is the one that reads the same place in the same way.
	SaveCollection(ctx context.Context, c Collection) (Collection, error)
	// TakeItems stores what a collection has, all of it. What it does not name any more is gone.
	TakeItems(ctx context.Context, c *Collection, items []Item, at time.Time) (Taken, error)
	// ForumTopics are the topics of a channel.
	ForumTopics(ctx context.Context, source, channel string, limit int) ([]Item, error)
	KnowledgeSettings(ctx context.Context) (Settings, error)
	SetKnowledgeSettings(ctx context.Context, set Settings) error
}

// Witness keeps how documents are used.
type Witness interface {
	// Evidences is what is known of all documents, but for questions and releases.
	Evidences(ctx context.Context, since time.Time) (map[int64]Evidence, error)
	// AddUse adds views and votes up; KeepViews raises what a log said before to what it says now.
	AddUse(ctx context.Context, all []Day) error
	KeepViews(ctx context.Context, all []Day) error
	UseDays(ctx context.Context, document int64, from string) ([]Day, error)
	// DocumentKeys gives documents by their public keys and by the keys of their addresses.
	DocumentKeys(ctx context.Context) (public, addresses map[string]int64, err error)
	AddTasks(ctx context.Context, all ...task.Task) (added int, err error)
}

// Talk is what the community says.
type Talk interface {
	// DocumentTexts are the beginnings of all texts.
	DocumentTexts(ctx context.Context) ([]alike.Doc, error)
	AskedSince(ctx context.Context, since time.Time, limit int) ([]Question, error)
	TopicQuestions(ctx context.Context, topic int64, since time.Time, limit int) ([]Question, error)
	Replies(ctx context.Context, conversations []int64) ([]Reply, error)
	Subjects(ctx context.Context) ([]Subject, error)
	ReleasesSince(ctx context.Context, since time.Time) ([]Release, error)
}

// Links reads what checks said.
type Links interface {
	LinkList(ctx context.Context, f LinkFilter) ([]Link, error)
	LinkCounts(ctx context.Context) (map[Verdict]int64, error)
	// LinkDocuments are the documents that lead to a link.
	LinkDocuments(ctx context.Context, link int64) ([]int64, error)
}

// LinkFilter says which links are listed.
type LinkFilter struct {
	Verdict  Verdict // "" = all
	Problem  bool    // those that need somebody: broken, shaky, moved for good, or with places that are missing
	Document int64   // those in a document
	Limit    int
}

// Release is something new that documents may not know of.
type Release struct {
	Title string
	At    time.Time
}

// Settings are the team's.
type Settings struct {
	CheckDays int  `json:"check_days" doc:"How often links are checked, in days; 0 = when somebody asks."`
	DelayMS   int  `json:"delay_ms" doc:"The pause between two requests to a host, in milliseconds."`
	Anchors   bool `json:"anchors" doc:"Whether places in pages that links name are looked for."`
	Remind    bool `json:"remind" doc:"Whether owners get a task when a document is due."`
}

// UsualSettings are the settings while there are no others.
func UsualSettings() Settings {
	return Settings{CheckDays: 7, DelayMS: 1000, Anchors: true, Remind: true}
}

// Validate says what is wrong with settings.
func (s *Settings) Validate() error {
	switch {
	case s.CheckDays < 0 || s.CheckDays > 365:
		return greenroom.FieldErrorf("check_days", "the days between two checks of a link are from 0 (never) to 365, not %d", s.CheckDays)
	case s.DelayMS < 100 || s.DelayMS > 60_000:
		return greenroom.FieldErrorf("delay_ms", "the pause between two requests to a host is from 100 to 60000 milliseconds (a minute), not %d", s.DelayMS)
	}
	return nil
}

// Auditor keeps the log of who did what.
type Auditor interface {
	Audit(ctx context.Context, actor, action, target, detail string) error
}

// Service keeps the register and says what to verify first.
type Service struct {
	store Store
	audit Auditor
	log   *slog.Logger
	now   func() time.Time
	zone  func() *time.Location
	check func(Settings) *Checker

	views tally
	asked chan string // somebody wants links checked

	mu    sync.Mutex
	kept  *known
	found *keys
}

// New returns the service. check makes who walks over links, with a client that is guarded against private addresses.
func New(store Store, audit Auditor, log *slog.Logger, now func() time.Time, zone func() *time.Location, check func(Settings) *Checker) *Service {
	return &Service{store: store, audit: audit, log: log, now: now, zone: zone, check: check, asked: make(chan string, 1)}
}

// known is what is computed from texts, kept for some minutes.
type known struct {
	at        time.Time
	documents *alike.Index
	questions []Question
	about     map[int64]int64      // the document that a conversation is about
	asked     map[int64][]Question // by document
	releases  []Release
}

const (
	knownFor     = 5 * time.Minute
	mostAsked    = 3000
	releasesBack = 2 * 365 * 24 * time.Hour
)

// known relates questions to documents, anew now and then and after every change of the register.
func (s *Service) known(ctx context.Context) (*known, error) {
	now := s.now()
	s.mu.Lock()
	kept := s.kept
	s.mu.Unlock()
	if kept != nil && now.Sub(kept.at) < knownFor && !now.Before(kept.at) {
		return kept, nil
	}
	docs, err := s.store.DocumentTexts(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading documents: %w", err)
	}
	k := &known{at: now, documents: alike.NewIndex(docs), about: make(map[int64]int64), asked: make(map[int64][]Question)}
	if k.questions, err = s.store.AskedSince(ctx, now.Add(-Window), mostAsked); err != nil {
		return nil, fmt.Errorf("reading questions: %w", err)
	}
	if k.releases, err = s.store.ReleasesSince(ctx, now.Add(-releasesBack)); err != nil {
		return nil, fmt.Errorf("reading releases: %w", err)
	}
	for i := range k.questions {
		q := &k.questions[i]
		for _, a := range k.documents.Find(q.Title, q.Body, 0, LeastAlike, 1) {
			q.Share = a.Share
			k.about[q.Conversation] = a.ID
			k.asked[a.ID] = append(k.asked[a.ID], *q)
		}
	}
	s.mu.Lock()
	s.kept = k
	s.mu.Unlock()
	return k, nil
}

// forget has texts looked at again.
func (s *Service) forget() {
	s.mu.Lock()
	s.kept, s.found = nil, nil
	s.mu.Unlock()
}

// Board judges all documents: what to verify first comes first; archived ones come last.
func (s *Service) Board(ctx context.Context) ([]Standing, error) {
	docs, err := s.store.Documents(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing documents: %w", err)
	}
	evidence, err := s.store.Evidences(ctx, s.now().Add(-Window))
	if err != nil {
		return nil, fmt.Errorf("reading evidence: %w", err)
	}
	k, err := s.known(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]Standing, len(docs))
	for i := range docs {
		e := evidence[docs[i].ID]
		k.add(&docs[i], &e)
		all[i] = Stand(&docs[i], &e, s.now())
	}
	slices.SortStableFunc(all, func(a, b Standing) int {
		return cmp.Or(rank(&a)-rank(&b), cmp.Compare(b.Priority, a.Priority), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

func rank(st *Standing) int {
	switch st.State {
	case Active:
		return 0
	case Draft:
		return 1
	default:
		return 2
	}
}

// add gives evidence what the community asked, and what was released since.
func (k *known) add(d *Document, e *Evidence) {
	base := d.Base()
	for _, q := range k.asked[d.ID] {
		if q.At.After(base) && q.Conversation != d.Conversation {
			e.Questions++
			if q.Open {
				e.Unanswered++
			}
		}
	}
	if base.IsZero() {
		return
	}
	for _, r := range k.releases {
		if r.At.After(base) {
			e.Releases++
			e.Release = r.Title
		}
	}
}

// List gives documents that fit a search, what to verify first before the others.
func (s *Service) List(ctx context.Context, search string) ([]Standing, error) {
	find, err := ParseSearch(search)
	if err != nil {
		return nil, err
	}
	all, err := s.Board(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(st Standing) bool { return !find.Fits(&st) }), nil
}

// Queue gives what to verify first: active documents that are due or stale.
func (s *Service) Queue(ctx context.Context) ([]Standing, error) {
	all, err := s.Board(ctx)
	return slices.DeleteFunc(all, func(st Standing) bool { return st.State != Active || st.Staleness < DueFrom }), err
}

// Detail is a document with all that is known about it.
type Detail struct {
	Standing
	Asked  []Question `json:"asked" doc:"Questions of the last 90 days about it, the latest first."`
	Links  []Link     `json:"links" doc:"Links in it that need somebody."`
	Days   []Day      `json:"days" doc:"Its use in the last 90 days."`
	Events []Event    `json:"events" doc:"What happened to it, the latest first."`
}

// shownLinks is how many links a document's page shows, and shownEvents how much of its history.
const (
	shownLinks  = 100
	shownEvents = 50
)

// Get gives a document with its evidence.
func (s *Service) Get(ctx context.Context, id int64) (Detail, error) {
	d, err := s.store.Document(ctx, id)
	if err != nil {
		return Detail{}, err
	}
	evidence, err := s.store.Evidences(ctx, s.now().Add(-Window))
	if err != nil {
		return Detail{}, fmt.Errorf("reading evidence: %w", err)
	}
	k, err := s.known(ctx)
	if err != nil {
		return Detail{}, err
	}
	e := evidence[id]
	k.add(&d, &e)
	out := Detail{Standing: Stand(&d, &e, s.now()), Asked: []Question{}}
	for _, q := range k.asked[id] {
		if q.Conversation != d.Conversation {
			out.Asked = append(out.Asked, q)
		}
	}
	slices.SortFunc(out.Asked, func(a, b Question) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.Conversation, a.Conversation))
	})
	if out.Links, err = s.store.LinkList(ctx, LinkFilter{Document: id, Problem: true, Limit: shownLinks}); err != nil {
		return out, fmt.Errorf("reading links: %w", err)
	}
	if out.Days, err = s.store.UseDays(ctx, id, s.day(s.now().Add(-Window))); err != nil {
		return out, fmt.Errorf("reading use: %w", err)
	}
	if out.Events, err = s.store.DocumentEvents(ctx, id, shownEvents); err != nil {
		return out, fmt.Errorf("reading history: %w", err)
	}
	return out, nil
}

func (s *Service) day(t time.Time) string { return t.In(s.zone()).Format(time.DateOnly) }

// Beside is a document that may answer a text.
type Beside struct {
	ID       int64    `json:"id" doc:"The document."`
	Title    string   `json:"title" doc:"Its title."`
	Address  string   `json:"address" doc:"Where it is."`
	Audience Audience `json:"audience" doc:"Who reads it."`
	Level    string   `json:"level" doc:"fresh, due or stale."`
	Share    float64  `json:"share" doc:"How much of the words they share, from 0 to 1."`
}

// Beside gives the documents that are most like a text, such as a question of the inbox.
func (s *Service) Beside(ctx context.Context, title, body string, limit int) ([]Beside, error) {
	k, err := s.known(ctx)
	if err != nil {
		return nil, err
	}
	all := []Beside{}
	for _, a := range k.documents.Find(title, body, 0, LeastAlike*.8, limit*2) {
		d, err := s.store.Document(ctx, a.ID)
		if greenroom.ErrorCode(err) == greenroom.CodeNotFound || d.State == Archived || len(all) == limit {
			continue
		}
		if err != nil {
			return nil, err
		}
		st := Stand(&d, &Evidence{}, s.now())
		all = append(all, Beside{ID: d.ID, Title: d.Title, Address: d.Address, Audience: d.Audience, Level: st.Level(), Share: a.Share})
	}
	return all, nil
}

// Add adds a document by hand.
func (s *Service) Add(ctx context.Context, f Fields, by string) (Document, error) {
	if err := f.Validate(); err != nil {
		return Document{}, err
	}
	d, err := s.store.AddDocument(ctx, Document{Fields: f, CreatedBy: by, CreatedAt: s.now()})
	if err != nil {
		return d, fmt.Errorf("adding a document: %w", err)
	}
	s.forget()
	return d, s.note(ctx, by, "document.add", &d)
}

// Edit changes a document from the version that it was looked at in.
func (s *Service) Edit(ctx context.Context, id, version int64, f Fields, by string) (Document, error) {
	d, err := s.store.Document(ctx, id)
	if err != nil {
		return d, err
	}
	if d.Version != version {
		return d, conflict(&d)
	}
	f.Address = d.Address
	if err := f.Validate(); err != nil {
		return d, err
	}
	said := differences(&d.Fields, &f)
	if said == "" {
		return d, nil
	}
	d.Fields = f
	if d, err = s.store.ChangeDocument(ctx, d, said, by, s.now()); err != nil {
		return d, fmt.Errorf("changing a document: %w", err)
	}
	s.forget()
	return d, s.note(ctx, by, "document.change", &d)
}

func conflict(d *Document) error {
	return greenroom.Errorf(greenroom.CodeConflict, "%q was changed meanwhile; look at it again before you change it. Nothing was overwritten", d.Title)
}

// differences says which fields differ.
func differences(a, b *Fields) string {
	var said []string
	say := func(different bool, text string) {
		if different {
			said = append(said, text)
		}
	}
	say(a.Title != b.Title, "title")
	say(a.Kind != b.Kind, "kind: "+b.Kind.Label())
	say(a.Audience != b.Audience, string(b.Audience))
	say(a.Owner != b.Owner, "owner: "+firstOf(b.Owner, "nobody"))
	say(a.ReviewDays != b.ReviewDays, "verified every "+count(int64(b.ReviewDays), "day", "days"))
	say(!slices.Equal(a.Tags, b.Tags), "tags: "+firstOf(strings.Join(b.Tags, ", "), "none"))
	say(a.Note != b.Note, "note")
	say(a.State != b.State, string(b.State))
	return strings.Join(said, ", ")
}

// Verify notes that somebody looked at a document and found it right.
func (s *Service) Verify(ctx context.Context, id int64, by string) (Event, error) {
	d, err := s.store.Document(ctx, id)
	if err != nil {
		return Event{}, err
	}
	e, err := s.store.VerifyDocument(ctx, id, by, s.now())
	if err != nil {
		return e, fmt.Errorf("verifying a document: %w", err)
	}
	return e, s.note(ctx, by, "document.verify", &d)
}

// Undo takes the last change or verification of a document back.
func (s *Service) Undo(ctx context.Context, event int64, by string) (Document, error) {
	d, err := s.store.UndoDocument(ctx, event, by, s.now())
	if err != nil {
		return d, fmt.Errorf("taking back: %w", err)
	}
	s.forget()
	return d, s.note(ctx, by, "document.undo", &d)
}

func (s *Service) note(ctx context.Context, by, what string, d *Document) error {
	if err := s.audit.Audit(ctx, by, what, fmt.Sprintf("document %d", d.ID), d.Title); err != nil {
		return fmt.Errorf("writing the audit log: %w", err)
	}
	return nil
}

// Settings are the team's.
func (s *Service) Settings(ctx context.Context) (Settings, error) {
	return s.store.KnowledgeSettings(ctx)
}

// SetSettings stores them.
func (s *Service) SetSettings(ctx context.Context, set Settings, by string) error {
	if err := set.Validate(); err != nil {
		return err
	}
	if err := s.store.SetKnowledgeSettings(ctx, set); err != nil {
		return fmt.Errorf("storing settings: %w", err)
	}
	if err := s.audit.Audit(ctx, by, "document.settings", "", ""); err != nil {
		return fmt.Errorf("writing the audit log: %w", err)
	}
	return nil
}
