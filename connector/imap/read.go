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

// mark is the last message of a folder that was told.
type mark struct {
	Validity uint32     `json:"validity"`
	UID      goimap.UID `json:"uid"`
}

// reader reads one folder.
type reader struct {
	mailmessage.Mapper

	source *source
	client *imapclient.Client
	out    *connector.Sink
	name   string
	uids   []goimap.UID // of the window and of what is new
	first  int          // index of the first new one
	sizes  map[goimap.UID]int64
	told   map[string]bool // people
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
	return s.within(ctx, func(c *imapclient.Client) error {
		names := s.set.List(optFolders)
		for i, name := range names {
			if err := s.folder(ctx, c, name, &at, out, connector.Progress{Done: int64(i), Total: int64(len(names)), Unit: "folders", Phase: name}); err != nil {
				return err
			}
		}
		return checkpoint(&at, out, connector.Progress{Done: int64(len(names)), Total: int64(len(names)), Unit: "folders"})
	})
}

func checkpoint(at *place, out *connector.Sink, p connector.Progress) error {
	text, err := json.Marshal(at, json.Deterministic(true))
	if err != nil {
		return fmt.Errorf("writing down the place: %w", err)
	}
	return out.Checkpoint(connector.Cursor(text), p) //nolint:wrapcheck // the sink's own words
}

// folder tells what is new in a folder.
func (s *source) folder(ctx context.Context, c *imapclient.Client, name string, at *place, out *connector.Sink, progress connector.Progress) error {
	box, err := c.Select(name, &goimap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		if ctx.Err() == nil && c.State() == goimap.ConnStateAuthenticated {
			return &greenroom.Error{Code: greenroom.CodeNotFound, Err: err, Message: fmt.Sprintf("the mailbox has no folder %q; test the connection to see which there are", name)}
		}
		return err //nolint:wrapcheck // explain words it
	}
	m := at.Folders[name]
	if m.Validity != box.UIDValidity {
		if m.Validity != 0 {
			s.env.Meter.Warn("The mail server has numbered the folder " + name + " anew, so it is read from its beginning. Nothing is told twice.")
		}
		m = mark{Validity: box.UIDValidity}
	}
	r := &reader{
		Mapper: mailmessage.Mapper{Survey: mailmessage.NewSurvey(), List: s.set.Text(optList), MessageURL: s.set.Text(optURL)},
		source: s, client: c, out: out, name: name, sizes: make(map[goimap.UID]int64), told: make(map[string]bool),
	}
	if err := r.find(m.UID); err != nil {
		return err
	}
	if r.first == len(r.uids) {
		at.Folders[name] = m
		return checkpoint(at, out, progress)
	}
	if err := r.survey(ctx); err != nil {
		return err
	}
	for i := r.first; i < len(r.uids); {
		end := r.portion(i)
		if err := r.tell(i, end); err != nil {
			return err
		}
		m.UID = r.uids[end-1]
		at.Folders[name] = m
		if err := checkpoint(at, out, progress); err != nil {
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

// each fetches something of a run of messages and calls fn for each, in the order in which the server gives them.
func (r *reader) each(uids []goimap.UID, o *goimap.FetchOptions, fn func(*imapclient.FetchMessageBuffer)) error {
	r.source.env.Meter.Request(false)
	cmd := r.client.Fetch(goimap.UIDSetNum(uids...), o)
	for {
		msg := cmd.Next()
		if msg == nil {
			return cmd.Close() //nolint:wrapcheck // explain words it
		}
		got, err := msg.Collect()
		if err != nil {
			_ = cmd.Close()
			return err //nolint:wrapcheck // explain words it
		}
		fn(got)
	}
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
		seen := make([]*imapclient.FetchMessageBuffer, len(part))
		err := r.each(part, o, func(m *imapclient.FetchMessageBuffer) {
			if i, ok := slices.BinarySearch(part, m.UID); ok {
				seen[i] = m
			}
		})
		if err != nil {
			return err
		}
		for i, m := range seen {
			if m == nil || len(m.BodySection) == 0 {
				continue // it has gone meanwhile
			}
			h, _ := mailmessage.ParseHeader(m.BodySection[0].Bytes)
			r.Survey.See(ordinal(start+i), h, nil, func() time.Time { return m.InternalDate.UTC() })
			if start+i >= r.first {
				r.sizes[m.UID] = m.RFC822Size
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
func (r *reader) tell(start, end int) error {
	var wanted []goimap.UID
	for _, uid := range r.uids[start:end] {
		switch size, there := r.sizes[uid]; {
		case !there: // it has gone meanwhile
		case size > r.source.limit:
			r.out.Read(1)
			r.reject(uid, "the message is larger than 32 MB", "a message without such attachments", nil)
		default:
			wanted = append(wanted, uid)
		}
		delete(r.sizes, uid)
	}
	if len(wanted) == 0 {
		return nil
	}
	o := &goimap.FetchOptions{UID: true, InternalDate: true, BodySection: []*goimap.FetchItemBodySection{{Peek: true}}}
	got := make(map[goimap.UID]*imapclient.FetchMessageBuffer, len(wanted))
	if err := r.each(wanted, o, func(m *imapclient.FetchMessageBuffer) { got[m.UID] = m }); err != nil {
		return err
	}
	for i := start; i < end; i++ {
		if m := got[r.uids[i]]; m != nil && len(m.BodySection) > 0 {
			r.message(i, m)
		}
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
