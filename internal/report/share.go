// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"greenroom"
	"greenroom/internal/analytics"
)

// Share is a link that shows an edition to whoever has it.
type Share struct {
	ID        int64     `json:"id" doc:"The link's number."`
	Key       string    `json:"-"` // unique: adding again with it changes nothing
	EditionID int64     `json:"edition_id" doc:"The edition that it shows."`
	Label     string    `json:"label" doc:"For whom it is."`
	Hash      string    `json:"-"` // of the password; "" = it needs none
	Locked    bool      `json:"password" doc:"It asks for a password."`
	ExpiresAt time.Time `json:"expires_at" doc:"It does not open any more from then on."`
	RevokedAt time.Time `json:"revoked_at,omitzero" doc:"It was taken back then."`
	CreatedBy string    `json:"created_by" doc:"Who made it."`
	CreatedAt time.Time `json:"created_at" doc:"When."`
	URL       string    `json:"url,omitempty" doc:"The link itself. Whoever has it sees the edition."`
}

// Opening is that somebody looked at an edition.
type Opening struct {
	EditionID int64     `json:"edition_id" doc:"The edition."`
	ShareID   int64     `json:"share_id,omitempty" doc:"By which link; left out: signed in."`
	Who       string    `json:"who" doc:"For whom the link is, or who was signed in. A link can be passed on."`
	What      string    `json:"what" doc:"page, slides, pdf, html, csv or png."`
	At        time.Time `json:"at" doc:"When."`
}

// The bounds of links.
const (
	usualShare   = 30 * 24 * time.Hour
	longestShare = maxLinkDays * 24 * time.Hour
	leastSecret  = 8
	mostSecret   = 200
	hashesAtOnce = 2
)

// How much work argon2id makes of a password: what OWASP's Password Storage Cheat Sheet gives as the least.
const (
	hashMemory = 19 * 1024 // KiB
	hashTime   = 2
	hashBytes  = 32
	saltBytes  = 16
)

// NewShare is a link that is to be made.
type NewShare struct {
	Label    string `json:"label,omitempty" doc:"For whom it is; it is told with each opening."`
	Password string `json:"password,omitempty" doc:"That it asks for, of at least 8 characters; left out: none. It is kept as a hash."`
	Days     int    `json:"days,omitempty" doc:"For how many days it opens; 30 where it is left out, 366 at most."`
}

// Share makes a link to a delivered edition, or to a draft, which shows what the draft is by then.
func (s *Service) Share(ctx context.Context, edition int64, n NewShare, by string) (Share, error) {
	return s.share(ctx, edition, n, "by hand "+rand.Text(), by)
}

func (s *Service) share(ctx context.Context, edition int64, n NewShare, key, by string) (Share, error) {
	e, err := s.Store.Edition(ctx, edition)
	if err != nil {
		return Share{}, err
	}
	life := time.Duration(n.Days) * 24 * time.Hour
	if n.Days == 0 {
		life = usualShare
	}
	n.Label = strings.TrimSpace(n.Label)
	switch {
	case s.Links == nil:
		return Share{}, greenroom.Errorf(greenroom.CodeUnavailable, "links cannot be made here; ask the server")
	case n.Days < 0 || life > longestShare:
		return Share{}, greenroom.Errorf(greenroom.CodeInvalid, "a link opens for 1 to %d days", maxLinkDays)
	case utf8.RuneCountInString(n.Label) > maxTitle:
		return Share{}, greenroom.Errorf(greenroom.CodeInvalid, "for whom a link is has at most %d characters", maxTitle)
	case n.Password != "" && (utf8.RuneCountInString(n.Password) < leastSecret || len(n.Password) > mostSecret):
		return Share{}, greenroom.Errorf(greenroom.CodeInvalid, "a password has %d to %d characters", leastSecret, mostSecret)
	}
	sh := Share{Key: key, EditionID: edition, Label: n.Label, ExpiresAt: s.Now().Add(life).Truncate(time.Second), CreatedBy: by, CreatedAt: s.Now()}
	if n.Password != "" {
		if sh.Hash, err = s.hash(ctx, n.Password); err != nil {
			return sh, err
		}
	}
	if _, err := s.Links.Report(ctx, 1, sh.ExpiresAt); err != nil { // before anything is stored
		return sh, err //nolint:wrapcheck // its words are for people
	}
	if sh, err = s.Store.AddShare(ctx, sh); err != nil {
		return sh, fmt.Errorf("making a link: %w", err)
	}
	if sh.URL, err = s.Links.Report(ctx, sh.ID, sh.ExpiresAt); err != nil {
		return sh, err //nolint:wrapcheck // the same
	}
	return sh, s.note(ctx, by, "report.share", fmt.Sprintf("report %d", e.ReportID), e.Period.Key+" "+sh.Label)
}

// Shares lists the links to an edition, with their addresses while they open.
func (s *Service) Shares(ctx context.Context, edition int64) ([]Share, error) {
	all, err := s.Store.Shares(ctx, edition)
	for i := range all {
		if all[i].opens(s.Now()) && s.Links != nil {
			if url, err := s.Links.Report(ctx, all[i].ID, all[i].ExpiresAt); err == nil {
				all[i].URL = url
			}
		}
	}
	return all, err
}

func (sh *Share) opens(now time.Time) bool { return sh.RevokedAt.IsZero() && now.Before(sh.ExpiresAt) }

// Revoke takes a link back.
func (s *Service) Revoke(ctx context.Context, id int64, by string) error {
	sh, err := s.Store.Share(ctx, id)
	if err != nil {
		return err
	}
	if err := s.Store.RevokeShare(ctx, id, s.Now()); err != nil {
		return fmt.Errorf("taking a link back: %w", err)
	}
	return s.note(ctx, by, "report.unshare", fmt.Sprintf("edition %d", sh.EditionID), sh.Label)
}

// Visit finds what a link shows. CodeNotFound where it does not open any more. Its content may be shown only where it is not
// Locked, or its password was checked by Unlock.
func (s *Service) Visit(ctx context.Context, share int64) (Share, error) {
	sh, err := s.Store.Share(ctx, share)
	if err == nil && !sh.opens(s.Now()) {
		err = greenroom.Errorf(greenroom.CodeNotFound, "this link does not open any more; ask whoever sent it for a new one")
	}
	return sh, err
}

// Unlock checks the password of a link. CodeUnauthorized where it is wrong.
func (s *Service) Unlock(ctx context.Context, sh *Share, password string) error {
	if sh.Hash == "" {
		return nil
	}
	ok, err := s.verify(ctx, sh.Hash, password)
	if err == nil && !ok {
		err = greenroom.Errorf(greenroom.CodeUnauthorized, "this is not the password")
	}
	return err
}

// Opened gives the edition that a link shows, and notes that somebody looked at it.
func (s *Service) Opened(ctx context.Context, sh *Share, what string) (Edition, error) {
	e, err := s.Edition(ctx, sh.EditionID)
	if err != nil {
		return e, err
	}
	who := sh.Label
	if who == "" {
		who = "whoever has the link"
	}
	if err := s.Store.NoteOpening(ctx, Opening{EditionID: e.ID, ShareID: sh.ID, Who: who, What: what, At: s.Now()}); err != nil {
		return e, fmt.Errorf("noting that a report was opened: %w", err)
	}
	return e, nil
}

// Looked notes that somebody who is signed in looked at an edition.
func (s *Service) Looked(ctx context.Context, edition int64, by, what string) error {
	if err := s.Store.NoteOpening(ctx, Opening{EditionID: edition, Who: by, What: what, At: s.Now()}); err != nil {
		return fmt.Errorf("noting that a report was opened: %w", err)
	}
	return nil
}

// Openings lists who looked at an edition, the newest first. Mail is not watched: it holds no picture that tells of its reader,
// so reading it there is not known.
func (s *Service) Openings(ctx context.Context, edition int64) ([]Opening, error) {
	return s.Store.Openings(ctx, edition)
}

func (s *Service) derive(ctx context.Context, password string, salt []byte) ([]byte, error) {
	select {
	case s.hashes <- struct{}{}:
		defer func() { <-s.hashes }()
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting to check a password: %w", ctx.Err())
	}
	return argon2.IDKey([]byte(norm.NFKC.String(password)), salt, hashTime, hashMemory, 1, hashBytes), nil
}

func (s *Service) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("drawing a salt: %w", err)
	}
	key, err := s.derive(ctx, password, salt)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding
	return b64.EncodeToString(salt) + "$" + b64.EncodeToString(key), nil
}

func (s *Service) verify(ctx context.Context, encoded, password string) (bool, error) {
	first, second, _ := strings.Cut(encoded, "$")
	salt, serr := base64.RawStdEncoding.DecodeString(first)
	want, kerr := base64.RawStdEncoding.DecodeString(second)
	if serr != nil || kerr != nil || len(want) != hashBytes {
		return false, errors.New("the password of a link is damaged; make a new link")
	}
	if len(password) > mostSecret {
		return false, nil
	}
	key, err := s.derive(ctx, password, salt)
	return subtle.ConstantTimeCompare(key, want) == 1, err
}

func lookupUnit(metric string) (analytics.Unit, error) {
	m, err := analytics.Lookup(metric)
	if err != nil {
		return "", err
	}
	return m.Unit, nil
}
