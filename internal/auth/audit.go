// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Entry is one line of the audit log: who did what, when, to what.
type Entry struct {
	ID     int64     // greater = later
	At     time.Time // when
	Actor  string    // as Caller.Actor says
	Action string    // what was done, as below or as another feature calls it, such as "member.merge"
	Target string    // to what: an address, the name of a token, an object's path
	Detail string    // more, for people to read; never a secret
}

// What this package writes into the audit log.
const (
	ActionSignIn         = "sign-in"
	ActionSignInFailed   = "sign-in.failed"
	ActionSignOut        = "sign-out"
	ActionSessionEnd     = "session.end"
	ActionUserAdd        = "user.add"
	ActionUserJoin       = "user.join"
	ActionUserName       = "user.name"
	ActionUserRole       = "user.role"
	ActionUserDisable    = "user.disable"
	ActionUserEnable     = "user.enable"
	ActionUserPassword   = "user.password"
	ActionInvite         = "invitation.add"
	ActionInviteRevoke   = "invitation.revoke"
	ActionLink           = "link.add"
	ActionTokenCreate    = "token.create"
	ActionTokenRevoke    = "token.revoke"
	maxEntryText         = 2000 // bytes of target and of detail
	defaultAuditPageSize = 50
	maxAuditPageSize     = 500
)

// Filter says which entries of the audit log to list. The empty one lists all, the newest first.
type Filter struct {
	Actor  string // exactly; "" = everybody
	Action string // this one, and those that begin with it and a dot; "" = everything
	Target string // exactly; "" = everything
	Before int64  // only entries with smaller ids; 0 = from the newest
	Limit  int    // 0 = 50; at most 500
}

// Audit writes a line into the audit log. Features that change something in the name of somebody call it.
func (s *Service) Audit(ctx context.Context, c Caller, action, target, detail string) error {
	if err := s.store.AddEntry(ctx, s.entry(c.Actor(), action, target, detail)); err != nil {
		return fmt.Errorf("writing %s to the audit log: %w", action, err)
	}
	return nil
}

// AuditPage lists a page of the audit log; next is the Filter.Before of the page after it, 0 where this is the last.
func (s *Service) AuditPage(ctx context.Context, c Caller, f Filter) (entries []Entry, next int64, err error) {
	if err := c.Need(Administer); err != nil {
		return nil, 0, err
	}
	if f.Limit <= 0 {
		f.Limit = defaultAuditPageSize
	}
	size := min(f.Limit, maxAuditPageSize)
	f.Limit = size + 1
	entries, err = s.store.Entries(ctx, f)
	if err != nil {
		return nil, 0, fmt.Errorf("reading the audit log: %w", err)
	}
	if len(entries) > size {
		entries = entries[:size]
		next = entries[size-1].ID
	}
	return entries, next, nil
}

// entry is a line of the audit log that happens now.
func (s *Service) entry(actor, action, target, detail string) Entry {
	return Entry{At: s.now(), Actor: actor, Action: action, Target: clip(target), Detail: clip(detail)}
}

// clip keeps a text of outside from filling the log.
func clip(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
	if len(text) <= maxEntryText {
		return text
	}
	cut := maxEntryText
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}
