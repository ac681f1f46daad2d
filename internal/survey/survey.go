// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survey

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
	"greenroom/internal/outbox"
)

// State says how far a survey is.
type State string

// The states.
const (
	Draft  State = "draft"
	Opened State = "open"
	Closed State = "closed"
)

// Who says whether it is known who answers.
type Who string

// The ways.
const (
	Anonymous Who = "anonymous" // nobody is stored, also of those who come by a personal link
	Known     Who = "known"     // personal links only
	Ask       Who = "ask"       // an open link asks for name and address, which can be left out
)

// Settings say who is asked, and how.
type Settings struct {
	Who       Who            `json:"who"`
	Open      bool           `json:"open"`               // everybody may answer who has the link
	Query     string         `json:"query,omitempty"`    // whom to ask, over members; "" = only who is invited one by one
	Share     int            `json:"share"`              // percent of these, chosen at random
	Recontact int            `json:"recontact_days"`     // days in which nobody is asked who was asked by any survey
	Quota     int            `json:"quota,omitempty"`    // answers after which it closes; 0 = none
	CloseAt   time.Time      `json:"close_at,omitzero"`  // when it closes; zero = by hand
	Channel   outbox.Channel `json:"channel"`            // email or slack
	Subject   string         `json:"subject,omitempty"`  // of the mail; "" = the title
	Message   string         `json:"message,omitempty"`  // above the first question, Markdown
	Sender    string         `json:"sender,omitempty"`   // the name it is from
	ReplyTo   string         `json:"reply_to,omitempty"` // mail address that answers to the mail go to
	Approve   bool           `json:"approve"`            // invitations wait for a person
	Rolling   bool           `json:"rolling"`            // who comes to fit the query is asked as long as it is open
}

// DefaultRecontact is for how many days nobody is asked again, while a survey says nothing else.
const DefaultRecontact = 90

// UnmarshalJSON reads settings; who says nothing of recontact means the usual days.
func (s *Settings) UnmarshalJSON(data []byte) error {
	type plain Settings
	v := plain{Recontact: DefaultRecontact}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&v); err != nil {
		return fmt.Errorf("in the settings: %w", err)
	}
	*s = Settings(v)
	return nil
}

// Survey is one survey.
type Survey struct {
	ID         int64       `json:"id"`
	Key        string      `json:"key"` // how addresses and queries name it; never changes
	Name       string      `json:"name"`
	State      State       `json:"state"`
	Settings   Settings    `json:"settings"`
	Version    int64       `json:"version"`  // of the definition, from 1 on
	Revision   string      `json:"revision"` // names name, settings and version as they are now: another one, another text
	Definition *Definition `json:"definition,omitempty"`
	CreatedBy  string      `json:"created_by"`
	CreatedAt  time.Time   `json:"created_at"`
	OpenedAt   time.Time   `json:"opened_at,omitzero"`
	ClosedAt   time.Time   `json:"closed_at,omitzero"`
	ClosedWhy  string      `json:"closed_why,omitempty"` // "" = by hand
	Asked      int64       `json:"asked"`                // invitations
	Answered   int64       `json:"answered"`             // complete answers
	Partial    int64       `json:"partial"`              // answers that were begun
}

// RevisionOf names what people can edit of a survey, as it is stored: 16 hexadecimal digits.
func RevisionOf(name, settings string, version int64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\x00%s\x00%s", version, name, settings))
	return hex.EncodeToString(sum[:8])
}

// fieldRevision is the field that says what a change was made from.
const fieldRevision = "revision"

// Moved is the refusal of a change that was made from what a survey is no longer: CodeConflict, of the field revision.
func Moved(name string) error {
	return &greenroom.Error{Code: greenroom.CodeConflict, Field: fieldRevision, Message: fmt.Sprintf("%q was changed meanwhile; look at it again before you change it. Nothing was overwritten", name)}
}

// HasMoved reports whether an error is that of Moved.
func HasMoved(err error) bool {
	return greenroom.ErrorCode(err) == greenroom.CodeConflict && greenroom.ErrorField(err) == fieldRevision
}

// New is a survey to be made.
type New struct {
	Key        string          `json:"key,omitempty"` // made of the name where it is ""
	Name       string          `json:"name"`
	Settings   Settings        `json:"settings,omitzero"`
	Definition json.RawMessage `json:"definition"`
}

// ParseNew reads a survey that is to be made from JSON.
func ParseNew(data []byte) (*New, error) { return decode[New](data) }

// Validate says what is wrong with settings, as an error of CodeInvalid, and fills in what is usual.
func (s *Settings) Validate() error {
	if s.Who == "" {
		s.Who = Known
	}
	if s.Share == 0 {
		s.Share = 100
	}
	if s.Channel == "" {
		s.Channel = outbox.Email
	}
	switch {
	case !slices.Contains([]Who{Anonymous, Known, Ask}, s.Who):
		return greenroom.FieldErrorf("who", "there is no way %q of being known; choose anonymous, known or ask", s.Who)
	case s.Who == Known && s.Open:
		return greenroom.FieldErrorf("open", "by an open link nobody is known; choose ask or anonymous, or personal links only")
	case s.Share < 1 || s.Share > 100:
		return greenroom.FieldErrorf("share", "the random share is from 1 to 100 percent, not %d", s.Share)
	case s.Recontact < 0 || s.Recontact > 3650:
		return greenroom.FieldErrorf("recontact_days", "the days that members are left alone are from 0 to 3650, not %d", s.Recontact)
	case s.Quota < 0:
		return greenroom.FieldErrorf("quota", "the answers after which it closes are 0 (no quota) or more, not %d", s.Quota)
	case s.Channel != outbox.Email && s.Channel != outbox.Slack:
		return greenroom.FieldErrorf("channel", "surveys are sent by email or slack, not %q", s.Channel)
	case utf8.RuneCountInString(s.Subject) > 200 || strings.ContainsAny(s.Subject, "\r\n"):
		return greenroom.FieldErrorf("subject", "the subject is one line of at most 200 characters")
	case len(s.Message) > 10_000:
		return greenroom.FieldErrorf("message", "the message has at most 10,000 bytes")
	case strings.ContainsAny(s.Sender, "\r\n<>\""):
		return greenroom.FieldErrorf("sender", "the name of the sender has no line breaks, quotes or brackets")
	case s.ReplyTo != "" && !strings.Contains(s.ReplyTo, "@"):
		return greenroom.FieldErrorf("reply_to", "answers to the mail go to a mail address, not to %q", s.ReplyTo)
	}
	return nil
}

var validKey = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,59}$`)

// keyOf makes a key of a name.
func keyOf(name string) string {
	var sb strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			sb.WriteRune(r)
		case sb.Len() > 0 && !strings.HasSuffix(sb.String(), "-"):
			sb.WriteByte('-')
		}
		if sb.Len() >= 50 {
			break
		}
	}
	if k := strings.Trim(sb.String(), "-"); k != "" {
		return k
	}
	return "survey"
}

// Invitation is that somebody was asked.
type Invitation struct {
	ID       int64          `json:"id"`
	SurveyID int64          `json:"survey_id"`
	MemberID int64          `json:"member_id"`
	Member   string         `json:"member,omitempty"` // by name
	Key      string         `json:"key"`              // unique in the survey: inviting with it again asks nobody twice
	Channel  outbox.Channel `json:"channel"`
	Origin   outbox.Origin  `json:"origin"`
	At       time.Time      `json:"at"`
	Answered bool           `json:"answered"`
	Sent     outbox.State   `json:"sent"` // of its message
}

// ResponseState says how far an answer is.
type ResponseState string

// The states of an answer.
const (
	Partial  ResponseState = "partial"
	Complete ResponseState = "complete"
)

// Response is what somebody answered.
type Response struct {
	ID          int64         `json:"id"`
	SurveyID    int64         `json:"survey_id"`
	Version     int64         `json:"version"`
	Invitation  int64         `json:"invitation_id,omitempty"` // 0 = by an open link, or anonymous
	MemberID    int64         `json:"member_id,omitempty"`     // 0 = not known
	Member      string        `json:"member,omitempty"`        // by name
	Name        string        `json:"name,omitempty"`          // as they said
	Email       string        `json:"email,omitempty"`         // as they said, not proven
	Language    string        `json:"language"`
	State       ResponseState `json:"state"`
	Answers     Answers       `json:"answers"`
	StartedAt   time.Time     `json:"started_at"` // the day alone where it is anonymous
	UpdatedAt   time.Time     `json:"updated_at"`
	CompletedAt time.Time     `json:"completed_at,omitzero"`
	External    string        `json:"external,omitempty"` // where it was imported: its key there
	Seq         int64         `json:"-"`                  // grows with each complete telling; 0 = not complete
	Anchor      int64         `json:"-"`                  // account that its member is known by
	Deleted     bool          `json:"-"`
	Held        bool          `json:"-"` // told on the next day: it is anonymous
}

// at is the time as it may be stored: of anonymous answers the day alone.
func (s *Survey) at(now time.Time) time.Time {
	if s.Settings.Who == Anonymous {
		return now.UTC().Truncate(24 * time.Hour)
	}
	return now
}

// check says whether a survey takes answers now.
func (s *Survey) takes(now time.Time) error {
	switch {
	case s.State == Draft:
		return greenroom.Errorf(greenroom.CodeNotFound, "this survey has not begun yet")
	case s.State == Closed || !s.Settings.CloseAt.IsZero() && now.After(s.Settings.CloseAt) || s.Settings.Quota > 0 && s.Answered >= int64(s.Settings.Quota):
		return greenroom.Errorf(greenroom.CodeConflict, "this survey is closed. Thank you for wanting to answer")
	}
	return nil
}
