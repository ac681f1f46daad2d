// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package front

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"greenroom"
	"greenroom/internal/consent"
)

// Kind is what a link opens. A token of one kind is none of another.
type Kind string

// The kinds. Other features add theirs here.
const (
	KindPreferences Kind = "preferences"
	KindUnsubscribe Kind = "unsubscribe"
	KindSurvey      Kind = "survey"
	KindAnswer      Kind = "answer" // to a survey, of somebody who is not known: Ref is the answer
	KindProgram     Kind = "program"
	KindEvent       Kind = "event"
	KindTestimonial Kind = "testimonial"
	KindRequests    Kind = "requests" // of a member
	KindVote        Kind = "vote"     // of a mail address, which it confirms
)

// How long links open. One that takes somebody off a list opens as long as anybody keeps the mail.
const (
	preferencesLife = 30 * 24 * time.Hour
	unsubscribeLife = 5 * 365 * 24 * time.Hour
	surveyLife      = 365 * 24 * time.Hour
)

// Claim is what a link says, sealed.
type Claim struct {
	Member  int64           `json:"m,omitempty"` // for whom
	Ref     int64           `json:"r,omitempty"` // what of: the invitation, the program's enrollment, ...
	Purpose consent.Purpose `json:"p,omitempty"`
	Address string          `json:"a,omitempty"` // mail address that the link was sent to, where no member is known by it
	Until   int64           `json:"u"`           // Unix seconds; set by Make
}

// Sealer seals tokens; seal.Keys does.
type Sealer interface {
	Seal(secret []byte, place string) (string, error)
	Open(sealed, place string) ([]byte, error)
}

// Links makes links for members, and opens them.
type Links struct {
	seal Sealer
	base func(ctx context.Context) (string, error)
	now  func() time.Time
}

// NewLinks returns what makes links. base is scheme://host at which members reach the pages; it gives "" where that is not
// known.
func NewLinks(seal Sealer, base func(ctx context.Context) (string, error), now func() time.Time) *Links {
	return &Links{seal: seal, base: base, now: now}
}

func place(k Kind) string { return "front/" + string(k) }

// Token seals a claim for a while.
func (l *Links) Token(k Kind, c Claim, life time.Duration) (string, error) {
	c.Until = l.now().Add(life).Unix()
	text, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("encoding what a link says: %w", err)
	}
	token, err := l.seal.Seal(text, place(k))
	if err != nil {
		return "", fmt.Errorf("sealing a link: %w", err)
	}
	return token, nil
}

// Make makes a link to a path below /c/. CodeUnavailable where it is not known at which address members reach the pages.
func (l *Links) Make(ctx context.Context, k Kind, path string, c Claim, life time.Duration) (string, error) {
	base, err := l.Base(ctx)
	if err != nil {
		return "", err
	}
	token, err := l.Token(k, c, life)
	if err != nil {
		return "", err
	}
	return base + path + "?t=" + url.QueryEscape(token), nil
}

// Base is where members reach the pages. CodeUnavailable where that is not known.
func (l *Links) Base(ctx context.Context) (string, error) {
	base, err := l.base(ctx)
	if err == nil && base == "" {
		err = greenroom.Errorf(greenroom.CodeUnavailable, "it is not known at which address members reach public pages; set it under Settings, Public pages, or start Greenroom with --public-url")
	}
	return base, err
}

// Open reads the token of a link. CodeNotFound where it is none of this kind, or is over.
func (l *Links) Open(k Kind, token string) (Claim, error) {
	var c Claim
	text, err := l.seal.Open(token, place(k))
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	switch {
	case err != nil:
		return c, &greenroom.Error{Code: greenroom.CodeNotFound, Message: "this link does not open; it may have been cut off on its way. Copy all of it from the message", Err: err}
	case l.now().Unix() > c.Until:
		return c, greenroom.Errorf(greenroom.CodeNotFound, "this link is too old to be opened; the newest message from us has one that works")
	}
	return c, nil
}

// Preferences is the link at which a member decides what they are sent, sees what is known of them and has it erased.
func (l *Links) Preferences(ctx context.Context, member int64) (string, error) {
	return l.Make(ctx, KindPreferences, PreferencesPath, Claim{Member: member}, preferencesLife)
}

// Unsubscribe is the link that ends messages of a purpose to a member, by one click (RFC 8058).
func (l *Links) Unsubscribe(ctx context.Context, member int64, p consent.Purpose) (string, error) {
	return l.Make(ctx, KindUnsubscribe, UnsubscribePath, Claim{Member: member, Purpose: p}, unsubscribeLife)
}

// Survey is the link of an invitation to a survey.
func (l *Links) Survey(ctx context.Context, key string, invitation int64) (string, error) {
	return l.Make(ctx, KindSurvey, SurveyPath+url.PathEscape(key), Claim{Ref: invitation}, surveyLife)
}

// OpenSurvey is the address of a survey that everybody may answer who has it.
func (l *Links) OpenSurvey(ctx context.Context, key string) (string, error) {
	base, err := l.Base(ctx)
	return base + SurveyPath + url.PathEscape(key), err
}
