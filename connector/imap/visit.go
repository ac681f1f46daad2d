// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package imap

import (
	"context"
	"errors"
	"fmt"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"greenroom"
)

const (
	// reconnections bounds how often a read connects again. A message that breaks the connection costs three.
	reconnections = 40
	// maxRow is how many messages one after another the server may not give: beyond that something else is wrong.
	maxRow = 20
	// maxRefused bounds how many messages that the server does not give are remembered of a folder.
	maxRefused = 1000
)

// leftBroken is why a message is left out.
const leftBroken = "the mail server does not give the message"

// visit is a connection for one read, with a folder open. Where it breaks off within a folder, another one takes its place.
//
// A mail server may be unable to give one of the messages that it lists: its file is damaged, or cannot be read. Dovecot
// then ends the connection in the middle of the answer, others answer NO for the whole command. So that such a message
// does not keep back all that come after it, what was asked for together is asked for again in smaller parts, down to the
// message that it is.
type visit struct {
	source   *source
	client   *imapclient.Client
	end      func()
	folder   string
	validity uint32
	spare    int // how often it may still connect again
}

func (v *visit) open(ctx context.Context) (err error) {
	v.client, v.end, err = v.source.open(ctx, nil)
	return err
}

// choose opens a folder for reading only.
func (v *visit) choose(ctx context.Context, folder string) error {
	box, err := v.client.Select(folder, &goimap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		if ctx.Err() == nil && v.client.State() == goimap.ConnStateAuthenticated {
			return &greenroom.Error{Code: greenroom.CodeNotFound, Err: err, Message: fmt.Sprintf("the mailbox has no folder %q; test the connection to see which there are", folder)}
		}
		return err //nolint:wrapcheck // explain words it
	}
	v.folder, v.validity = folder, box.UIDValidity
	return nil
}

// again connects anew and opens the same folder. cause is returned where that is of no use.
func (v *visit) again(ctx context.Context, cause error) error {
	if ctx.Err() != nil || v.spare == 0 {
		return cause
	}
	v.spare--
	v.end()
	if err := v.open(ctx); err != nil {
		v.end = func() {}
		return err
	}
	before := v.validity
	if err := v.choose(ctx, v.folder); err != nil || v.validity != before {
		return cause
	}
	return nil
}

// each fetches something of a run of messages and calls fn for each of which the server gives it. An answer that tells of
// changed flags alone, which may come at any time, is none; and of a connection that breaks off the last message is none
// either, since it may have come in part.
func (r *reader) each(uids []goimap.UID, o *goimap.FetchOptions, fn func(*imapclient.FetchMessageBuffer)) error {
	r.source.env.Meter.Request(false)
	cmd := r.client.Fetch(goimap.UIDSetNum(uids...), o)
	var last *imapclient.FetchMessageBuffer
	give := func() {
		if last != nil && len(last.BodySection) > 0 {
			fn(last)
		}
	}
	for {
		msg := cmd.Next()
		if msg == nil {
			break
		}
		give()
		var err error
		if last, err = msg.Collect(); err != nil {
			_ = cmd.Close()
			return err //nolint:wrapcheck // explain words it
		}
	}
	err := cmd.Close()
	var answer *goimap.Error
	if err == nil || errors.As(err, &answer) {
		give()
	}
	return err //nolint:wrapcheck // explain words it
}

// fetch fetches something of messages. Those that come without an error and without what was asked for are asked for once
// more; what the server still lists then is refused, and the rest has gone meanwhile.
func (r *reader) fetch(ctx context.Context, uids []goimap.UID, o *goimap.FetchOptions) (map[goimap.UID]*imapclient.FetchMessageBuffer, error) {
	got := make(map[goimap.UID]*imapclient.FetchMessageBuffer, len(uids))
	missing := func(uid goimap.UID) bool {
		_, refused := r.refused[uid]
		return got[uid] == nil && !refused
	}
	for range 2 {
		if err := r.some(ctx, only(uids, missing), o, got); err != nil {
			return nil, err
		}
	}
	rest := only(uids, missing)
	if len(rest) == 0 {
		return got, nil
	}
	there, err := r.client.UIDSearch(&goimap.SearchCriteria{UID: []goimap.UIDSet{goimap.UIDSetNum(rest...)}}, nil).Wait()
	if err != nil {
		return nil, err //nolint:wrapcheck // explain words it
	}
	for _, uid := range there.AllUIDs() {
		r.refused[uid] = leftBroken
	}
	return got, nil
}

// some is fetch of a run of messages that are missing. After an error the first of those that did not come is asked for by
// itself, since servers answer in order; where it is not at fault, the others are asked for in halves.
func (r *reader) some(ctx context.Context, uids []goimap.UID, o *goimap.FetchOptions, got map[goimap.UID]*imapclient.FetchMessageBuffer) error {
	if len(uids) == 0 {
		return nil
	}
	err := r.each(uids, o, func(m *imapclient.FetchMessageBuffer) { got[m.UID] = m })
	if err == nil {
		return nil
	}
	rest := only(uids, func(uid goimap.UID) bool { return got[uid] == nil })
	if err := r.stumble(ctx, err); err != nil {
		return err
	}
	if len(rest) < len(uids) {
		r.row = nil
	}
	switch {
	case len(rest) == 0:
		return nil
	case len(uids) == 1:
		return r.one(ctx, uids[0], o, got)
	}
	if err := r.some(ctx, rest[:1], o, got); err != nil {
		return err
	}
	guilty := got[rest[0]] == nil
	if rest = rest[1:]; guilty {
		return r.some(ctx, rest, o, got)
	}
	if err := r.some(ctx, rest[:len(rest)/2], o, got); err != nil {
		return err
	}
	return r.some(ctx, rest[len(rest)/2:], o, got)
}

// one asks a last time for a message that an error came of already, and refuses it where one comes again.
func (r *reader) one(ctx context.Context, uid goimap.UID, o *goimap.FetchOptions, got map[goimap.UID]*imapclient.FetchMessageBuffer) error {
	err := r.each([]goimap.UID{uid}, o, func(m *imapclient.FetchMessageBuffer) { got[m.UID] = m })
	if err == nil || got[uid] != nil {
		r.row = nil
		return nil
	}
	if err := r.stumble(ctx, err); err != nil {
		return err
	}
	reason := leftBroken
	var answer *goimap.Error
	if errors.As(err, &answer) {
		reason += ": " + says(answer)
	}
	r.refused[uid] = reason
	if r.row = append(r.row, uid); len(r.row) <= maxRow {
		return nil
	}
	for _, uid := range r.row { // it is not the messages
		delete(r.refused, uid)
	}
	return err
}

// stumble goes on after an error: with another connection where this one broke off, and not at all where the server says
// that it is no message's fault.
func (r *reader) stumble(ctx context.Context, err error) error {
	var answer *goimap.Error
	if !errors.As(err, &answer) || ctx.Err() != nil {
		return r.again(ctx, err)
	}
	switch answer.Code { //nolint:exhaustive // all others may be about the message
	case goimap.ResponseCodeUnavailable, goimap.ResponseCodeInUse, goimap.ResponseCodeLimit, goimap.ResponseCodeOverQuota, goimap.ResponseCodeNoPerm:
		return err
	}
	return nil
}

func only(uids []goimap.UID, want func(goimap.UID) bool) []goimap.UID {
	var some []goimap.UID
	for _, uid := range uids {
		if want(uid) {
			some = append(some, uid)
		}
	}
	return some
}

// kept are the messages that the server does not give, as far as they would be asked for again.
func (r *reader) kept() []goimap.UID {
	some := only(r.uids, func(uid goimap.UID) bool { _, refused := r.refused[uid]; return refused })
	return some[max(0, len(some)-maxRefused):]
}

// remember saves which messages the server does not give before a read ends with an error, so that the next one does not
// try them again.
func (r *reader) remember(ctx context.Context, err error, save func() error) error {
	if ctx.Err() != nil || len(r.refused) == 0 {
		return err
	}
	return errors.Join(err, save())
}
