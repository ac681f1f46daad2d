// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package digest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/action"
	"greenroom/internal/analytics"
	"greenroom/internal/health"
)

// Kind is the kind of the actions that send digests.
const Kind = "digest"

// toSlack is the recipient that stands for the webhook.
const toSlack = "slack"

// Store keeps settings and actions.
type Store interface {
	DigestSettings(ctx context.Context) (string, error)
	// SetDigestSettings has CodeConflict where they are no longer what they were before.
	SetDigestSettings(ctx context.Context, before, after string) error
	AddAction(ctx context.Context, a action.Action, items []action.Item) (stored action.Action, added bool, err error)
}

// Changes says what changed; health.Service does.
type Changes interface {
	Changes(ctx context.Context, by analytics.Granularity) (*health.Changes, error)
}

// Sealer seals secrets, and makes the tokens of unsubscribing.
type Sealer interface {
	Seal(secret []byte, place string) (string, error)
	Open(sealed, place string) ([]byte, error)
}

// Mail is one mail.
type Mail struct {
	ID, To, Subject, Text, HTML string // To may be several addresses with commas between
	Leave                       string // the address that unsubscribes; "" = none
	FromName                    string // who it is from, for people; "" = as the server's settings say
	ReplyTo                     string // where answers go to; "" = to where it is from
	Personal                    bool   // it is from a person to a person, whose answers are welcome
	At                          time.Time
	Files                       []File
}

// File is what a mail carries beside its text.
type File struct {
	Name, Type string
	Inline     string // the id by which the HTML shows it, as in src="cid:ID"; "" = an attachment
	Data       []byte
}

// Mailer sends mail. Its errors have CodeUnavailable where nothing was sent and it may be tried again, and are *UncertainError
// where that is not known; after all others nothing was sent, and will not be.
type Mailer interface {
	Send(ctx context.Context, server Server, m *Mail) error
}

// Poster sends requests; *http.Client does.
type Poster interface {
	Do(r *http.Request) (*http.Response, error)
}

// Config is what the service needs.
type Config struct {
	Store     Store
	Changes   Changes
	Seal      Sealer
	Mailer    Mailer
	Poster    Poster // guarded: the webhook's address is typed by people
	Team      func(ctx context.Context) ([]string, error)
	Wake      func() // has actions carried out at once
	Log       *slog.Logger
	Now       func() time.Time
	Zone      func() *time.Location
	Community string
	Base      *url.URL // where people reach Greenroom; nil = digests have no links
}

// Service makes and sends digests.
type Service struct {
	store     Store
	changes   Changes
	seal      Sealer
	mailer    Mailer
	poster    Poster
	team      func(ctx context.Context) ([]string, error)
	wake      func()
	log       *slog.Logger
	now       func() time.Time
	zone      func() *time.Location
	community string
	base      string
}

// New makes the service.
func New(c Config) *Service {
	s := &Service{
		store: c.Store, changes: c.Changes, seal: c.Seal, mailer: c.Mailer, poster: c.Poster, team: c.Team, wake: c.Wake, log: c.Log, now: c.Now, zone: c.Zone, community: c.Community,
	}
	if s.community == "" {
		s.community = "Greenroom"
	}
	if c.Base != nil {
		s.base = strings.TrimSuffix(c.Base.String(), "/")
	}
	return s
}

// week is the ISO week of a moment.
func (s *Service) week(t time.Time) string {
	year, week := t.In(s.zone()).ISOWeek()
	return fmt.Sprintf("%d-W%02d", year, week)
}

// Show writes the digest as it would be sent now.
func (s *Service) Show(ctx context.Context) (*Digest, error) {
	now := s.now().In(s.zone())
	week, err := s.changes.Changes(ctx, analytics.Week)
	if err != nil {
		return nil, fmt.Errorf("saying what changed: %w", err)
	}
	all := []*health.Changes{week}
	if now.Day() <= 7 {
		month, err := s.changes.Changes(ctx, analytics.Month)
		if err != nil {
			return nil, fmt.Errorf("saying what changed: %w", err)
		}
		all = append(all, month)
	}
	return compose(s.community, s.base, s.week(now), all)
}

// plan is what an action is to do.
type plan struct {
	Week string `json:"week"`
	To   string `json:"to"` // an address, or slack
}

// mostTries is how often a digest of one week can be sent to somebody anew, by hand, after it failed.
const mostTries = 9

// Send makes an action for each recipient, and returns them. Who has got this week's digest already gets no other; to
// whom it failed it is sent anew where again is set.
func (s *Service) Send(ctx context.Context, by string, again bool) ([]action.Action, error) {
	set, err := s.Settings(ctx)
	if err != nil {
		return nil, err
	}
	to, err := s.addresses(ctx, &set)
	if err != nil {
		return nil, err
	}
	if set.Server.Host == "" {
		to = nil
	}
	if set.Hook != "" {
		to = append(to, toSlack)
	}
	if len(to) == 0 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "there is nobody to send a digest to; set a mail server and recipients, or a Slack webhook")
	}
	all := []action.Action{}
	for _, who := range to {
		a, err := s.begin(ctx, who, by, again)
		if err != nil {
			return all, err
		}
		all = append(all, a)
	}
	s.wake()
	return all, nil
}

func (s *Service) begin(ctx context.Context, to, by string, again bool) (action.Action, error) {
	week := s.week(s.now())
	text, err := json.Marshal(plan{week, to})
	if err != nil {
		return action.Action{}, fmt.Errorf("encoding a plan: %w", err)
	}
	for try := 1; ; try++ {
		key := "digest-" + week + "-" + to
		if try > 1 {
			key += "-" + strconv.Itoa(try)
		}
		a, added, err := s.store.AddAction(ctx, action.Action{
			Key: key, Kind: Kind, Title: "Send the digest of " + week + " to " + to, Plan: text, State: action.Approved, CreatedBy: by, ApprovedBy: by, ApprovedAt: s.now(),
		}, []action.Item{{Target: to, Name: to}})
		if err != nil {
			return a, fmt.Errorf("storing a digest that is to be sent: %w", err)
		}
		failed := a.Over() && a.Done == 0
		if added || !again || !failed || try == mostTries {
			return a, nil
		}
	}
}

// Due sends this week's digest where its hour has come.
func (s *Service) Due(ctx context.Context) error {
	set, err := s.Settings(ctx)
	if err != nil || !set.On {
		return err
	}
	now := s.now().In(s.zone())
	monday := analytics.Week.Start(now)
	y, m, d := monday.Date()
	at := time.Date(y, m, d+(int(set.Weekday)+6)%7, set.Hour, 0, 0, 0, s.zone())
	if now.Before(at) || at.Before(set.Since) {
		return nil
	}
	_, err = s.Send(ctx, "rhythm", false)
	if greenroom.ErrorCode(err) == greenroom.CodeInvalid { // nobody to send to
		return nil
	}
	return err
}

// dueEvery is how often it is looked whether a digest is due.
const dueEvery = time.Minute

// Run sends digests when they are due until ctx ends.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(dueEvery)
	defer tick.Stop()
	for {
		if err := s.Due(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("sending digests", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// MailID is the id of a mail, the same for each try of one message.
func (s *Service) MailID(key string) string { return s.mailID(key) }

// Mail sends a mail of another part of Greenroom by the team's mail server.
func (s *Service) Mail(ctx context.Context, m *Mail) error {
	set, err := s.Settings(ctx)
	if err != nil {
		return err
	}
	return s.mail(ctx, &set, m)
}

// mailID is the same for each try of one action, so that a mail that comes twice after all is known as one.
func (s *Service) mailID(key string) string {
	sum := sha256.Sum256([]byte(s.base + "\x00" + key))
	return hex.EncodeToString(sum[:16]) + "@greenroom"
}
