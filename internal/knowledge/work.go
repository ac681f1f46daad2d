// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package knowledge

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/task"
)

// Content is what is read from: a file that somebody sends, or a text; neither where the collection's place says it.
type Content struct {
	File io.ReaderAt
	Size int64
	Text string
}

func (c *Content) reader() io.Reader {
	if c.File != nil {
		return io.NewSectionReader(c.File, 0, c.Size)
	}
	return strings.NewReader(c.Text)
}

// Collections lists where documents come from.
func (s *Service) Collections(ctx context.Context) ([]Collection, error) {
	return s.store.Collections(ctx)
}

// Import reads a collection and keeps it. Reading the same again changes nothing.
func (s *Service) Import(ctx context.Context, c Collection, in Content, by string) (Collection, error) {
	if err := c.Validate(); err != nil {
		return c, err
	}
	c.CreatedBy, c.CreatedAt = by, s.now()
	t := newTaking(&c)
	if err := s.read(ctx, t, &in); err != nil {
		return c, err
	}
	c, err := s.store.SaveCollection(ctx, c)
	if err != nil {
		return c, fmt.Errorf("keeping a collection: %w", err)
	}
	t.of = &c
	if c, err = s.take(ctx, t); err != nil {
		return c, err
	}
	if err := s.audit.Audit(ctx, by, "document.import", c.Name, fmt.Sprintf("%d added, %d changed", c.Taken.Added, c.Taken.Changed)); err != nil {
		return c, fmt.Errorf("writing the audit log: %w", err)
	}
	return c, nil
}

// read fills in what a collection has.
func (s *Service) read(ctx context.Context, t *taking, in *Content) error {
	c := t.of
	switch c.Way {
	case Sitemap:
		set, err := s.store.KnowledgeSettings(ctx)
		if err != nil {
			return fmt.Errorf("reading settings: %w", err)
		}
		return t.sitemap(ctx, s.check(set).Open, c.Place)
	case Folder:
		root, err := os.OpenRoot(c.Place)
		if err != nil {
			return greenroom.Errorf(greenroom.CodeInvalid, "the folder %s cannot be opened on this server", c.Place)
		}
		defer root.Close() //nolint:errcheck // it was only read
		return t.files(ctx, root.FS())
	case Export:
		if in.File == nil {
			return greenroom.Errorf(greenroom.CodeInvalid, "send the export, a zip file")
		}
		archive, err := zip.NewReader(in.File, in.Size)
		if err != nil {
			return greenroom.Errorf(greenroom.CodeInvalid, "%s is not a zip file that can be read", c.Place)
		}
		return t.files(ctx, archive)
	case Forum:
		source, channel, _ := strings.Cut(c.Place, "/")
		all, err := s.store.ForumTopics(ctx, source, channel, maxRows)
		if err != nil {
			return fmt.Errorf("reading topics: %w", err)
		}
		t.topics(all)
		return nil
	case Table:
		return t.table(in.reader())
	default:
		return t.lines(in.reader())
	}
}

// take stores what was read.
func (s *Service) take(ctx context.Context, t *taking) (Collection, error) {
	c := *t.of
	taken, err := s.store.TakeItems(ctx, &c, t.items, s.now())
	if err != nil {
		return c, fmt.Errorf("storing documents: %w", err)
	}
	taken.Read, taken.Rejected, taken.Rejects = t.Read, t.Rejected, t.Rejects
	c.Taken, c.ReadAt, c.Problem = taken, s.now(), ""
	if c, err = s.store.SaveCollection(ctx, c); err != nil {
		return c, fmt.Errorf("keeping a collection: %w", err)
	}
	s.forget()
	return c, nil
}

// ReadAgain reads a collection again.
func (s *Service) ReadAgain(ctx context.Context, id int64, by string) (Collection, error) {
	all, err := s.store.Collections(ctx)
	if err != nil {
		return Collection{}, err
	}
	for i := range all {
		c := &all[i]
		if c.ID != id {
			continue
		}
		if !c.Way.Again() {
			return *c, greenroom.Errorf(greenroom.CodeInvalid, "%s came as a file; send it again", c.Name)
		}
		t := newTaking(c)
		if err := s.read(ctx, t, &Content{}); err != nil {
			c.Problem, c.ReadAt = greenroom.ErrorMessage(err), s.now()
			if _, serr := s.store.SaveCollection(ctx, *c); serr != nil {
				return *c, fmt.Errorf("keeping a collection: %w", serr)
			}
			return *c, err
		}
		return s.take(ctx, t)
	}
	return Collection{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no collection %d", id)
}

// keys finds documents for the counter.
type keys struct {
	at                time.Time
	public, addresses map[string]int64
}

const keysFor = time.Minute

func (s *Service) keys(ctx context.Context) (*keys, error) {
	s.mu.Lock()
	k := s.found
	s.mu.Unlock()
	if k != nil && s.now().Sub(k.at) < keysFor {
		return k, nil
	}
	public, addresses, err := s.store.DocumentKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading keys: %w", err)
	}
	k = &keys{s.now(), public, addresses}
	s.mu.Lock()
	s.found = k
	s.mu.Unlock()
	return k, nil
}

// Hit counts a view of a document, by its public key or by its address. Unknown ones are not counted, and nobody is told so.
func (s *Service) Hit(ctx context.Context, key, address string) error {
	k, err := s.keys(ctx)
	if err != nil {
		return err
	}
	id := k.public[key]
	if id == 0 && address != "" {
		id = k.addresses[AddressKey(address)]
	}
	if id > 0 {
		s.views.add(id, s.day(s.now()))
	}
	return nil
}

// ByKey finds a document that is asked about in public: its title alone is for readers.
func (s *Service) ByKey(ctx context.Context, key string) (id int64, title string, err error) {
	k, err := s.keys(ctx)
	if err != nil {
		return 0, "", err
	}
	d := Document{}
	if id = k.public[key]; id > 0 {
		d, err = s.store.Document(ctx, id)
	}
	if id == 0 || err == nil && d.Audience != External {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no page at this address")
	}
	return id, d.Title, err
}

// Helped takes a reader's vote.
func (s *Service) Helped(ctx context.Context, key string, yes bool) error {
	id, _, err := s.ByKey(ctx, key)
	if err != nil {
		return err
	}
	d := Day{Document: id, Day: s.day(s.now()), Origin: Counter, Helpful: 1}
	if !yes {
		d.Helpful, d.Unhelpful = 0, 1
	}
	if err := s.store.AddUse(ctx, []Day{d}); err != nil {
		return fmt.Errorf("counting a vote: %w", err)
	}
	return nil
}

// ImportLog counts the views in a web server's log. name tells logs apart: the same one again raises its days to what it says now, so
// reading it twice changes nothing.
func (s *Service) ImportLog(ctx context.Context, name, host string, in io.Reader, by string) (LogRead, error) {
	name, host = oneLine(name), strings.ToLower(oneLine(host))
	if name == "" || name == Counter || len(name) > maxTitle || strings.ContainsAny(host, "/ ") {
		return LogRead{}, greenroom.Errorf(greenroom.CodeInvalid, "a log has a name, and the host whose log it is, such as docs.example.org")
	}
	k, err := s.keys(ctx)
	if err != nil {
		return LogRead{}, err
	}
	views, read, err := ReadLog(ctx, in, host, s.zone(), func(key string) int64 { return k.addresses[key] })
	if err != nil {
		return read, err
	}
	var all []Day
	for id, days := range views {
		for day, n := range days {
			all = append(all, Day{Document: id, Day: day, Origin: name, Views: n})
		}
	}
	if err := s.store.KeepViews(ctx, all); err != nil {
		return read, fmt.Errorf("keeping views: %w", err)
	}
	if err := s.audit.Audit(ctx, by, "document.log", name, fmt.Sprintf("%d views", read.Views)); err != nil {
		return read, fmt.Errorf("writing the audit log: %w", err)
	}
	return read, nil
}

// Flush stores the views that were counted since the last time.
func (s *Service) Flush(ctx context.Context) error {
	if all := s.views.take(); len(all) > 0 {
		if err := s.store.AddUse(ctx, all); err != nil {
			return fmt.Errorf("storing views: %w", err)
		}
	}
	return nil
}

// LinkReport is how the links are.
type LinkReport struct {
	Counts map[Verdict]int64 `json:"counts" doc:"Links by what the last check says of them; those under the empty name were not checked yet."`
	Run    Run               `json:"run" doc:"The last walk over the links, or the one that goes on."`
	Links  []Link            `json:"links" doc:"Links that need somebody."`
}

// LinkReport says how the links are.
func (s *Service) LinkReport(ctx context.Context, f LinkFilter) (LinkReport, error) {
	var r LinkReport
	var err error
	if r.Counts, err = s.store.LinkCounts(ctx); err != nil {
		return r, fmt.Errorf("counting links: %w", err)
	}
	if r.Run, err = s.store.LastLinkRun(ctx); err != nil {
		return r, fmt.Errorf("reading the last check: %w", err)
	}
	if r.Links, err = s.store.LinkList(ctx, f); err != nil {
		return r, fmt.Errorf("listing links: %w", err)
	}
	return r, nil
}

// LinkDocuments are the documents that lead to a link.
func (s *Service) LinkDocuments(ctx context.Context, link int64) ([]Document, error) {
	ids, err := s.store.LinkDocuments(ctx, link)
	if err != nil {
		return nil, err
	}
	all := []Document{}
	for _, id := range ids {
		d, err := s.store.Document(ctx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}

// AskCheck has links checked in the background, as soon as a server looks.
func (s *Service) AskCheck(by string) {
	select {
	case s.asked <- by:
	default: // somebody asked already
	}
}

// CheckLinks checks all links, or goes on where the last run was stopped.
func (s *Service) CheckLinks(ctx context.Context, by string) (Run, error) {
	set, err := s.store.KnowledgeSettings(ctx)
	if err != nil {
		return Run{}, fmt.Errorf("reading settings: %w", err)
	}
	run, err := s.store.StartLinkRun(ctx, by, s.now())
	if err != nil {
		return run, fmt.Errorf("beginning to check links: %w", err)
	}
	if err := s.check(set).Run(ctx, s.store, &run); err != nil {
		return run, err
	}
	run.EndedAt = s.now()
	if err := s.store.EndLinkRun(ctx, run, run.EndedAt); err != nil {
		return run, fmt.Errorf("ending to check links: %w", err)
	}
	s.forget()
	return run, nil
}

// Remind gives owners a task for each document that is due, once for each time that it was known to be right.
func (s *Service) Remind(ctx context.Context) (int, error) {
	queue, err := s.Queue(ctx)
	if err != nil {
		return 0, err
	}
	var all []task.Task
	for i := range queue {
		st := &queue[i]
		if st.Owner == "" || st.Parts[0].Points < DueFrom && st.Staleness < StaleFrom {
			continue
		}
		var why bytes.Buffer
		for _, p := range st.Parts {
			if p.Points > 0 {
				why.WriteString(p.Says + " ")
			}
		}
		due := st.Due
		if due.IsZero() || due.Before(s.now()) {
			due = s.now().AddDate(0, 0, 7)
		}
		all = append(all, task.Task{
			Key: fmt.Sprintf("document/%d/verify/%d", st.ID, st.Base().Unix()), Title: cut("Verify: "+st.Title, 280), Note: strings.TrimSpace(why.String()), Link: fmt.Sprintf("/knowledge/%d", st.ID),
			Origin: "document", OriginID: st.ID, Owner: st.Owner, DueAt: due, CreatedBy: "greenroom",
		})
	}
	if len(all) == 0 {
		return 0, nil
	}
	added, err := s.store.AddTasks(ctx, all...)
	if err != nil {
		return 0, fmt.Errorf("reminding owners: %w", err)
	}
	return added, nil
}

// How often the background looks at what is due.
const (
	flushEvery = 10 * time.Second
	lookEvery  = 10 * time.Minute
)

// Run keeps the register going until ctx ends: views are stored, collections read and links checked by their rhythm.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	checking := make(chan struct{}, 1)
	var looked time.Time
	for {
		by := ""
		select {
		case <-ctx.Done():
			checking <- struct{}{} // the walk has ended, too
			if err := s.Flush(context.WithoutCancel(ctx)); err != nil {
				s.log.Warn("storing views of documents", "error", err)
			}
			return
		case by = <-s.asked:
		case <-tick.C:
			if err := s.Flush(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("storing views of documents", "error", err)
			}
			if s.now().Sub(looked) < lookEvery {
				continue
			}
			looked = s.now()
			by = s.look(ctx)
		}
		if by == "" {
			continue
		}
		select {
		case checking <- struct{}{}:
			go func() {
				defer func() { <-checking }()
				if _, err := s.CheckLinks(ctx, by); err != nil && ctx.Err() == nil {
					s.log.Warn("checking links", "error", err)
				}
			}()
		default: // it goes on already
		}
	}
}

// look does what is due, and says who wants links checked; "" = nobody.
func (s *Service) look(ctx context.Context) string {
	warn := func(what string, err error) {
		if ctx.Err() == nil {
			s.log.Warn("looking after documents", "doing", what, "error", err)
		}
	}
	all, err := s.store.Collections(ctx)
	if err != nil {
		warn("listing collections of documents", err)
		return ""
	}
	for i := range all {
		if all[i].Due(s.now()) {
			if _, err := s.ReadAgain(ctx, all[i].ID, "greenroom"); err != nil {
				warn("reading a collection of documents", err)
			}
		}
	}
	set, err := s.store.KnowledgeSettings(ctx)
	if err != nil {
		warn("reading the settings of documents", err)
		return ""
	}
	if set.Remind {
		if _, err := s.Remind(ctx); err != nil {
			warn("reminding owners of documents", err)
		}
	}
	run, err := s.store.LastLinkRun(ctx)
	if err != nil {
		warn("reading the last check of links", err)
		return ""
	}
	if run.Going() || set.CheckDays > 0 && run.ID > 0 && s.now().Sub(run.StartedAt) >= time.Duration(set.CheckDays)*24*time.Hour {
		return "greenroom"
	}
	counts, err := s.store.LinkCounts(ctx)
	if err == nil && set.CheckDays > 0 && run.ID == 0 && counts[Unchecked] > 0 {
		return "greenroom"
	}
	return ""
}
