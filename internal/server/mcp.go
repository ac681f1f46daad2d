// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"greenroom"
	"greenroom/internal/api"
	"greenroom/internal/consent"
	"greenroom/internal/mcp"
	"greenroom/internal/outbox"
)

// drafts keeps what a language model would write to members until a person has read it.
type drafts struct {
	box *outbox.Service
	now func() time.Time
}

// DraftMessage writes a mail to a member that is not sent before somebody approves it. Who is not to be contacted is not
// written to, not even in a draft.
func (d drafts) DraftMessage(ctx context.Context, member int64, subject, text, by string) (int64, error) {
	r, err := d.box.Reach(ctx, member)
	switch {
	case err != nil:
		return 0, err
	case r.Silent:
		return 0, greenroom.Errorf(greenroom.CodeConflict, "they are not to be contacted")
	case len(r.Addresses) == 0:
		return 0, greenroom.Errorf(greenroom.CodeConflict, "no mail address of theirs is known that takes mail")
	case subject == "" || text == "":
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "a mail needs a subject and a text")
	}
	m := outbox.Message{
		Key: "draft " + rand.Text(), Channel: outbox.Email, Purpose: consent.Care, Origin: outbox.Origin{Kind: "model"}, MemberID: member, To: r.Addresses[0],
		Subject: subject, Text: text, State: outbox.Draft, Owner: by, Reason: "written for " + by, CreatedAt: d.now(),
	}
	if _, err := d.box.Queue(ctx, m); err != nil {
		return 0, err
	}
	kept, err := d.box.List(ctx, outbox.Filter{Member: member, States: []outbox.State{outbox.Draft}, Limit: outboxLook})
	if err != nil {
		return 0, fmt.Errorf("looking for the draft: %w", err)
	}
	for i := range kept {
		if kept[i].Key == m.Key {
			return kept[i].ID, nil
		}
	}
	return 0, fmt.Errorf("the draft %s was not kept", m.Key)
}

// outboxLook is how many of a member's drafts are looked through for a new one.
const outboxLook = 100

// tools makes the server for language models over the API.
func (a *App) tools(rest http.Handler, box *Outbox, public *url.URL, version string) (*mcp.Server, error) {
	cfg := mcp.Config{API: rest, Prefix: api.Prefix, Drafts: drafts{box.Service, a.Now}, Version: version, Log: a.Log}
	if public != nil {
		cfg.Address = public.String()
	}
	return mcp.New(cfg)
}

// MCP makes the server for language models over the data alone, for a process that serves no pages. End is called when it
// serves no more.
func (a *App) MCP(ctx context.Context, public *url.URL, version string) (tools *mcp.Server, end func(), err error) {
	rest, end, err := a.alone(ctx, version)
	if err != nil {
		return nil, nil, err
	}
	box, err := a.Outbox(nil, nil)
	if err == nil {
		tools, err = a.tools(rest, box, public, version)
	}
	if err != nil {
		end()
		return nil, nil, err
	}
	return tools, end, nil
}
