// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package bounce

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"greenroom"
)

// Store keeps what came back, and where reading is.
type Store interface {
	// Bounced notes a report: the addresses, and that the message did not arrive.
	Bounced(ctx context.Context, r *Report) error
	// Replied notes that somebody wrote back to mail, and reports whether any of it was sent from here.
	Replied(ctx context.Context, r *Reply) (known bool, err error)
	// BounceSettings gives the settings as they were stored; "" = none.
	BounceSettings(ctx context.Context) (string, error)
	// SetBounceSettings stores settings, unless they are not what they were when they were read: CodeConflict.
	SetBounceSettings(ctx context.Context, before, after string) error
	// BouncedAddresses counts addresses that refuse mail for good.
	BouncedAddresses(ctx context.Context) (int64, error)
}

// Sealer keeps secrets.
type Sealer interface {
	Seal(secret []byte, place string) (string, error)
	Open(sealed, place string) ([]byte, error)
}

// Mailbox reads messages.
type Mailbox interface {
	// Read gives the messages of a mailbox behind a place to each, in order, and returns the place behind the last one.
	Read(ctx context.Context, b *Box, password string, after Place, each func(message []byte) error) (Place, error)
}

// Box is a mailbox that reports come back to.
type Box struct {
	Server   string `json:"server"` // HOST or HOST:PORT; without one 993. By TLS, but for a server on this machine at another port than that
	User     string `json:"user"`
	Password string `json:"password,omitempty"` // sealed
	Folder   string `json:"folder"`             // "" = INBOX
}

// Place is a place in a mailbox.
type Place struct {
	Validity uint32 `json:"validity"` // UIDVALIDITY
	Last     uint32 `json:"last"`     // the last UID that was looked at
}

// Settings say where mail comes back to, and how reading it goes.
type Settings struct {
	Box     Box       `json:"box"`
	Place   Place     `json:"place"`
	ReadAt  time.Time `json:"read_at,omitzero"`
	Reports int64     `json:"reports"` // that were read
	Replies int64     `json:"replies"` // to mail that was sent from here
	Others  int64     `json:"others"`  // messages that were neither
	Problem string    `json:"problem,omitempty"`
}

// placePassword binds the sealed password.
const placePassword = "bounce/password"

// readEvery is how often the mailbox is looked at.
const readEvery = 5 * time.Minute

// Service reads what comes back.
type Service struct {
	store Store
	box   Mailbox
	seal  Sealer
	log   *slog.Logger
	now   func() time.Time
}

// New returns the service. box may be nil in a process that does not read the mailbox.
func New(store Store, box Mailbox, seal Sealer, log *slog.Logger, now func() time.Time) *Service {
	return &Service{store: store, box: box, seal: seal, log: log, now: now}
}

// Take reads one message, and notes what it reports. ErrNoReport comes back for a message that is no report.
func (s *Service) Take(ctx context.Context, message io.Reader) (*Report, error) {
	r, err := Parse(message)
	if err != nil {
		return nil, err
	}
	if err := s.store.Bounced(ctx, r); err != nil {
		return nil, fmt.Errorf("noting mail that came back: %w", err)
	}
	return r, nil
}

// Settings reads where mail comes back to; the password is sealed.
func (s *Service) Settings(ctx context.Context) (Settings, error) {
	set, _, err := s.read(ctx)
	return set, err
}

func (s *Service) read(ctx context.Context) (set Settings, text string, err error) {
	if text, err = s.store.BounceSettings(ctx); err != nil || text == "" {
		return set, text, err
	}
	if err := json.Unmarshal([]byte(text), &set); err != nil {
		return set, text, fmt.Errorf("decoding where mail comes back to: %w", err)
	}
	return set, text, nil
}

func (s *Service) change(ctx context.Context, alter func(set *Settings)) error {
	set, before, err := s.read(ctx)
	if err != nil {
		return err
	}
	alter(&set)
	text, err := json.Marshal(set)
	if err != nil {
		return fmt.Errorf("encoding where mail comes back to: %w", err)
	}
	return s.store.SetBounceSettings(ctx, before, string(text))
}

// SetBox says where mail comes back to; a nil password leaves it as it is. A box without a server is none.
func (s *Service) SetBox(ctx context.Context, b Box, password *string) error {
	b.Server, b.User, b.Folder = strings.TrimSpace(b.Server), strings.TrimSpace(b.User), strings.TrimSpace(b.Folder)
	switch {
	case b.Server == "":
		return s.change(ctx, func(set *Settings) { *set = Settings{} })
	case strings.ContainsAny(b.Server, "/ @"):
		return greenroom.Errorf(greenroom.CodeInvalid, "%q is not the name of a mail server; one looks like imap.example.com", b.Server)
	case b.User == "":
		return greenroom.Errorf(greenroom.CodeInvalid, "the mailbox needs a user; mostly that is its mail address")
	}
	sealed := ""
	if password != nil {
		var err error
		if sealed, err = s.seal.Seal([]byte(*password), placePassword); err != nil {
			return fmt.Errorf("sealing the password of a mailbox: %w", err)
		}
	}
	return s.change(ctx, func(set *Settings) {
		b.Password = set.Box.Password
		if password != nil {
			b.Password = sealed
		}
		if set.Box.Server != b.Server || set.Box.User != b.User || set.Box.Folder != b.Folder {
			set.Place = Place{}
		}
		set.Box, set.Problem = b, ""
	})
}

// Refused counts addresses that refuse mail for good.
func (s *Service) Refused(ctx context.Context) (int64, error) { return s.store.BouncedAddresses(ctx) }

// Run reads the mailbox until ctx ends.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(readEvery)
	defer tick.Stop()
	for {
		if err := s.Read(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("reading mail that came back", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Read reads what is new in the mailbox, where there is one, and notes how that went.
func (s *Service) Read(ctx context.Context) error {
	set, err := s.Settings(ctx)
	if err != nil || set.Box.Server == "" || s.box == nil {
		return err
	}
	password := []byte{}
	if set.Box.Password != "" {
		if password, err = s.seal.Open(set.Box.Password, placePassword); err != nil {
			return s.note(ctx, set.Box, set.Place, counts{}, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the mailbox's password cannot be opened; type it in again", Err: err})
		}
	}
	var got counts
	at, err := s.box.Read(ctx, &set.Box, string(password), set.Place, func(message []byte) error {
		return s.look(ctx, message, &got)
	})
	return s.note(ctx, set.Box, at, got, err)
}

// counts are what messages were.
type counts struct{ reports, replies, others int64 }

// look takes one message of the mailbox: a report, an answer of a member, or something that is left alone.
func (s *Service) look(ctx context.Context, message []byte, got *counts) error {
	_, err := s.Take(ctx, bytes.NewReader(message))
	if err == nil {
		got.reports++
		return nil
	}
	if !errors.Is(err, ErrNoReport) && greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		return err
	}
	known := false
	if reply, err := ParseReply(bytes.NewReader(message)); err == nil {
		if known, err = s.store.Replied(ctx, reply); err != nil {
			return fmt.Errorf("noting that somebody wrote back: %w", err)
		}
	}
	if known {
		got.replies++
	} else {
		got.others++
	}
	return nil
}

// note keeps how far reading has come, unless the mailbox is another one by now.
func (s *Service) note(ctx context.Context, box Box, at Place, got counts, failed error) error {
	err := s.change(context.WithoutCancel(ctx), func(set *Settings) {
		if set.Box != box {
			return
		}
		set.Place, set.ReadAt, set.Problem = at, s.now(), ""
		set.Reports, set.Replies, set.Others = set.Reports+got.reports, set.Replies+got.replies, set.Others+got.others
		if failed != nil {
			set.Problem = greenroom.ErrorMessage(failed)
		}
	})
	return errors.Join(failed, err)
}
