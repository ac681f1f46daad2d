// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package imap

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/go-json-experiment/json"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/mailmessage"
)

// What is fetched at once.
const (
	portion      = 100      // messages
	portionBytes = 16 << 20 // of messages
	headers      = 500      // headers
)

// leftDoubles is why a message is left out.
const leftDoubles = "messages that the folder holds twice"

// errEnded is a connection that the server has ended while it was waited at.
var errEnded = errors.New("the server has ended the connection")

// place is where the reading of the folders stands.
type place struct {
	Folders map[string]mark `json:"folders,omitzero"`
}

// mark is the last message of a folder that was told, and those that the server does not give.
type mark struct {
	Validity uint32       `json:"validity"`
	UID      goimap.UID   `json:"uid"`
	Refused  []goimap.UID `json:"refused,omitempty"`
}

// reader reads one folder.
type reader struct {
	mailmessage.Mapper

	*visit

	out     *connector.Sink
	name    string
	uids    []goimap.UID // of the window and of what is new
	first   int          // index of the first new one
	sizes   map[goimap.UID]int64
	refused map[goimap.UID]string // why the server does not give a message
	row     []goimap.UID          // those refused since it gave the last one
	told    map[string]bool       // people
}

// Read tells what is new in each folder.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	var at place
	if from != "" {
		if err := json.Unmarshal([]byte(from), &at); err != nil {
			return &greenroom.Error{Code: greenroom.CodeInvalid, Err: err, Message: "the place to go on from is not one of a mailbox; read it from the start"}
		}
	}
	if at.Folders == nil {
		at.Folders = make(map[string]mark)
	}
	v := &visit{source: s, spare: reconnections}
	if err := v.open(ctx); err != nil {
		return err
	}
	defer func() { v.end() }()
	var absent error // one folder that is not there keeps none of the others back
	names := s.set.List(optFolders)
	for i, name := range names {
		err := s.folder(ctx, v, name, &at, out, connector.Progress{Done: int64(i), Total: int64(len(names)), Unit: "folders", Phase: name})
		switch {
		case greenroom.ErrorCode(err) == greenroom.CodeNotFound:
			absent = err
		case err != nil:
			return s.explain(ctx, err)
		}
	}
	_ = v.client.Logout().Wait() // what was read is read
	if err := checkpoint(&at, out, connector.Progress{Done: int64(len(names)), Total: int64(len(names)), Unit: "folders"}); err != nil {
		return err
	}
	return absent
}

func checkpoint(at *place, out *connector.Sink, p connector.Progress) error {
	text, err := json.Marshal(at, json.Deterministic(true))
	if err != nil {
		return fmt.Errorf("writing down the place: %w", err)
	}
	return out.Checkpoint(connector.Cursor(text), p) //nolint:wrapcheck // the sink's own words
}

// folder tells what is new in a folder.
func (s *source) folder(ctx context.Context, v *visit, name string, at *place, out *connector.Sink, progress connector.Progress) error {
	if err := v.choose(ctx, name); err != nil {
		return err
	}
	m := at.Folders[name]
	if m.Validity != v.validity {
		if m.Validity != 0 {
			s.env.Meter.Warn("The mail server has numbered the folder " + name + " anew, so it is read from its beginning. Nothing is told twice.")
		}
		m = mark{Validity: v.validity}
	}
	r := &reader{
		Mapper: mailmessage.Mapper{Survey: mailmessage.NewSurvey(), List: s.set.Text(optList), MessageURL: s.set.Text(optURL)}, visit: v, out: out, name: name,
		sizes: make(map[goimap.UID]int64), refused: make(map[goimap.UID]string), told: make(map[string]bool),
	}
	for _, uid := range m.Refused {
		r.refused[uid] = leftBroken
	}
	if err := r.find(m.UID); err != nil {
		return err
	}
	save := func() error {
		m.Refused = r.kept()
		at.Folders[name] = m
		return checkpoint(at, out, progress)
	}
	if r.first == len(r.uids) {
		return save()
	}
	if err := r.survey(ctx); err != nil {
		return r.remember(ctx, err, save)
	}
	for i := r.first; i < len(r.uids); {
		end := r.portion(i)
		if err := r.tell(ctx, i, end); err != nil {
			return r.remember(ctx, err, save)
		}
		m.UID = r.uids[end-1]
		if err := save(); err != nil {
			return err
		}
		i = end
	}
	return nil
}

// find lists the messages behind the last one that was told, and those before it that make its window.
func (r *reader) find(last goimap.UID) error {
	criteria := &goimap.SearchCriteria{Since: r.source.set.Since(optSince)}
	found, err := r.client.UIDSearch(criteria, nil).Wait()
	if err != nil {
		return err //nolint:wrapcheck // explain words it
	}
	r.uids = found.AllUIDs()
	slices.Sort(r.uids)
	at, known := slices.BinarySearch(r.uids, last)
	if known {
		at++
	}
	start := max(0, at-r.source.window)
	r.uids, r.first = r.uids[start:], at-start
	return nil
}

// survey looks at the headers of the window and of what is new.
func (r *reader) survey(ctx context.Context) error {
	o := &goimap.FetchOptions{UID: true, InternalDate: true, RFC822Size: true, BodySection: []*goimap.FetchItemBodySection{{
		Specifier: goimap.PartSpecifierHeader, Peek: true,
		HeaderFields: []string{"From", "Sender", "Date", "Subject", "Message-ID", "References", "In-Reply-To", "List-Id", "List-Post", "Reply-To", "Cc", "X-Original-From", "X-Google-Original-From"},
	}}}
	for start := 0; start < len(r.uids); start += headers {
		if ctx.Err() != nil {
			return fmt.Errorf("reading the mailbox was stopped: %w", ctx.Err())
		}
		part := r.uids[start:min(len(r.uids), start+headers)]
		seen, err := r.fetch(ctx, part, o)
		if err != nil {
			return err
		}
		for i, uid := range part {
			m := seen[uid]
			if m == nil {
				continue // it has gone meanwhile, or the server does not give it
			}
			h, _ := mailmessage.ParseHeader(m.BodySection[0].Bytes)
			r.Survey.See(ordinal(start+i), h, nil, func() time.Time { return m.InternalDate.UTC() })
			if start+i >= r.first {
				r.sizes[uid] = m.RFC822Size
			}
		}
	}
	r.Survey.Settle()
	return nil
}

// ordinal is a message's number in the survey.
func ordinal(i int) int32 { return int32(min(i, 1<<31-1)) } //nolint:gosec // bounded

// portion ends a run of messages that are fetched at once.
func (r *reader) portion(start int) (end int) {
	bytes := int64(0)
	for end = start; end < len(r.uids) && end-start < portion; end++ {
		if bytes += r.sizes[r.uids[end]]; bytes > portionBytes && end > start {
			break
		}
	}
	return end
}

// tell fetches a run of messages whole and tells them.
func (r *reader) tell(ctx context.Context, start, end int) error {
	var wanted []goimap.UID
	for _, uid := range r.uids[start:end] {
		if size, there := r.sizes[uid]; there && size <= r.source.limit {
			wanted = append(wanted, uid)
		}
	}
	o := &goimap.FetchOptions{UID: true, InternalDate: true, BodySection: []*goimap.FetchItemBodySection{{Peek: true}}}
	got, err := r.fetch(ctx, wanted, o)
	if err != nil {
		return err
	}
	for i := start; i < end; i++ {
		uid := r.uids[i]
		reason, broken := r.refused[uid]
		switch m := got[uid]; {
		case m != nil:
			r.message(i, m)
		case r.sizes[uid] > r.source.limit:
			r.out.Read(1)
			r.reject(uid, "the message is larger than 32 MB", "a message without such attachments", nil)
		case broken:
			r.out.Read(1)
			r.reject(uid, reason, "a message that other mail programs can open; where they can, read the source from its start once more", nil)
		}
		delete(r.sizes, uid)
	}
	return nil
}

// message tells one message.
func (r *reader) message(i int, m *imapclient.FetchMessageBuffer) {
	data := m.BodySection[0].Bytes
	r.out.Read(1)
	h, body := mailmessage.ParseHeader(data)
	name := mailmessage.ValidText(r.name)
	mail, double, reason := r.Facts(&mailmessage.Message{
		Header: h, Body: body, Ordinal: ordinal(i), Noted: func() time.Time { return m.InternalDate.UTC() },
		Place: connector.Channel{ExternalID: "folder:" + name, Name: name},
	})
	switch {
	case double:
		r.out.LeftOut(leftDoubles, 1)
		return
	case reason != "":
		r.reject(m.UID, reason, "a header with a Date such as: Thu, 2 Jan 2025 10:00:00 +0100", data)
		return
	}
	r.out.Channel(mail.Channel)
	if id := mail.Author.ExternalID; id != "" && !r.told[id] {
		if len(r.told) < mailmessage.MaxPeople {
			r.told[id] = true
		}
		mail.Author.Raw = r.out.Raw([]byte("From: " + h.Get("from") + "\n"))
		r.out.Identity(mail.Author)
	}
	mail.Activity.Raw = r.out.Raw(data)
	r.out.Activity(mail.Activity)
}

func (r *reader) reject(uid goimap.UID, reason, expected string, excerpt []byte) {
	r.out.Reject(greenroom.Reject{
		File: r.name, Line: int64(uid), Reason: reason, Expected: expected, Excerpt: strings.TrimSpace(mailmessage.ValidText(string(excerpt[:min(len(excerpt), 190)]))),
	})
}
