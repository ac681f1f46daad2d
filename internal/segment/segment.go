// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"greenroom"
)

// Segment is a saved query over members.
type Segment struct {
	ID          int64     `json:"id"`
	Key         string    `json:"key"` // how queries name it: lower case, digits and hyphens; never changes
	Name        string    `json:"name"`
	Query       string    `json:"query"` // over members, canonical
	Description string    `json:"description,omitempty"`
	Color       string    `json:"color,omitempty"` // one of Colors; "" = none
	Owner       string    `json:"owner"`
	Version     int64     `json:"version"` // of the query, from 1 on
	Size        int64     `json:"size"`    // members in it
	CreatedAt   time.Time `json:"created_at"`
	ChangedAt   time.Time `json:"changed_at"`
	ArchivedAt  time.Time `json:"archived_at,omitzero"`
	EvaluatedAt time.Time `json:"evaluated_at,omitzero"` // as of when its members are known
	HistoryFrom time.Time `json:"history_from,omitzero"` // since when the history says who was in it
	Problem     string    `json:"problem,omitempty"`     // why it could not be evaluated; its members stay as they were

	Position int64 `json:"-"` // the last activity that was derived when it was evaluated
	Revision int64 `json:"-"` // grows whenever its members change
}

// Cause says what made somebody enter or leave.
type Cause string

// The causes.
const (
	CauseMade    Cause = "made"    // the segment was made, or restored, and they were in it
	CauseQuery   Cause = "query"   // its query was changed
	CauseFacts   Cause = "facts"   // what is known of them changed
	CauseTime    Cause = "time"    // time went by
	CauseSegment Cause = "segment" // they entered or left a segment that the query names
	CauseMerged  Cause = "merged"  // they are, or became, the same person as another member; nobody came or went
	CauseSplit   Cause = "split"   // they were split off from a member that was in it; nobody came or went
	CausePast    Cause = "past"    // worked out from the facts, for a time before the segment was made
)

// Causes lists them.
func Causes() []Cause {
	return []Cause{CauseMade, CauseQuery, CauseFacts, CauseTime, CauseSegment, CauseMerged, CauseSplit, CausePast}
}

// Person reports whether such an event is a person's coming or going, rather than bookkeeping about a segment's making
// or about who is who.
func (c Cause) Person() bool {
	switch c {
	case CauseFacts, CauseTime, CauseSegment:
		return true
	case CauseMade, CauseQuery, CauseMerged, CauseSplit, CausePast:
	}
	return false
}

// Event is that somebody entered a segment, or left it. In the order of At, then ID, a member's events alternate and
// begin with entering: so they say who was in it at any time from HistoryFrom on.
type Event struct {
	ID        int64     `json:"id"`
	SegmentID int64     `json:"segment_id"`
	Segment   string    `json:"segment"` // its key
	MemberID  int64     `json:"member_id"`
	Member    string    `json:"member"` // by name; of one that was merged, of whom it is part now
	At        time.Time `json:"at"`
	Entered   bool      `json:"entered"` // false = left
	Cause     Cause     `json:"cause"`
	Reason    string    `json:"reason,omitempty"` // in words
	Version   int64     `json:"version"`          // of the query
}

// Version is a query that a segment has, or had.
type Version struct {
	Version int64     `json:"version"`
	Query   string    `json:"query"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`
}

// Size is how many members a segment had at the end of a day, and how many entered and left on it: people only, also as
// it was worked out for the time before the segment was made.
type Size struct {
	Day     time.Time `json:"day"` // its first moment
	Size    int64     `json:"size"`
	Entered int64     `json:"entered"`
	Left    int64     `json:"left"`
}

// Draft is what people say about a segment.
type Draft struct {
	Name        string `json:"name"`
	Query       string `json:"query"`
	Description string `json:"description,omitempty"`
	Color       string `json:"color,omitempty"`
	Key         string `json:"key,omitempty"`   // "" = made from the name
	Owner       string `json:"owner,omitempty"` // "" = who makes it
}

// Change is what to change of a segment; nil leaves a field as it is.
type Change struct {
	Name        *string `json:"name,omitempty"`
	Query       *string `json:"query,omitempty"`
	Description *string `json:"description,omitempty"`
	Color       *string `json:"color,omitempty"`
	Owner       *string `json:"owner,omitempty"`
}

// Filter chooses events. The zero value is all of them, the newest first.
type Filter struct {
	Segment int64 // 0 = of all
	Member  int64 // 0 = of all
	Entered *bool
	People  bool  // only comings and goings of people
	Past    bool  // with People: also those that were worked out for the time before the segment was made
	Below   int64 // only events with a lower id; 0 = all
	Since   time.Time
	Limit   int // 0 = 100
}

// Colors are the colors that a segment can have.
func Colors() []string {
	return []string{"blue", "green", "orange", "purple", "red", "teal"}
}

// Templates are segments that most communities find useful.
func Templates() []Draft {
	return []Draft{
		{Name: "New this month", Query: "is:new -is:staff -is:bot", Color: "green", Description: "First active in the last 30 days. Say hello, and see who stays."},
		{Name: "Gone quiet", Query: "is:quiet activities:>=10 -is:staff -is:bot", Color: "orange", Description: "Were active for long, and were not heard of for 30 days or more."},
		{Name: "Helpers", Query: "did:answer,accepted_answer,reply since:90d count:>=10 -is:staff -is:bot", Color: "blue", Description: "Answered or replied ten times or more in the last 90 days: whom to thank, and whom to ask to be champions."},
		{Name: "Trial customers asking for help", Query: "org.lifecycle:trial did:question,message,issue since:30d -is:staff -is:bot", Color: "purple", Description: "People of organizations on trial who asked or wrote something in the last 30 days."},
	}
}

// Limits of what people say about a segment.
const (
	maxName        = 80
	maxDescription = 2000
	maxKey         = 60
)

var keyForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// keyOf makes a key of a name.
func keyOf(name string) string {
	var sb strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(name)) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			sb.WriteRune(r)
		case unicode.Is(unicode.Mn, r): // the accent of a letter before
		case sb.Len() > 0 && !strings.HasSuffix(sb.String(), "-"):
			sb.WriteByte('-')
		}
	}
	key := strings.Trim(sb.String(), "-")
	if len(key) > maxKey-4 { // room for a number that tells it from others
		key = strings.TrimRight(key[:maxKey-4], "-")
	}
	if key == "" {
		return "segment"
	}
	return key
}

// Validate checks what people said, its query aside.
func (d *Draft) Validate() error {
	d.Name, d.Description, d.Key = strings.TrimSpace(d.Name), strings.TrimSpace(d.Description), strings.TrimSpace(d.Key)
	switch {
	case d.Name == "":
		return greenroom.Errorf(greenroom.CodeInvalid, "a segment needs a name")
	case utf8.RuneCountInString(d.Name) > maxName || strings.ContainsAny(d.Name, "\n\t@,\""):
		return greenroom.Errorf(greenroom.CodeInvalid, "the name of a segment has at most %d characters, without quotes, commas and @", maxName)
	case utf8.RuneCountInString(d.Description) > maxDescription:
		return greenroom.Errorf(greenroom.CodeInvalid, "the description has at most %d characters", maxDescription)
	case d.Color != "" && !slices.Contains(Colors(), d.Color):
		return greenroom.Errorf(greenroom.CodeInvalid, "%q is no color of segments; there are %s", d.Color, strings.Join(Colors(), ", "))
	case d.Key != "" && (len(d.Key) > maxKey || !keyForm.MatchString(d.Key)):
		return greenroom.Errorf(greenroom.CodeInvalid, "a key is lower-case letters and digits with hyphens between them, such as gone-quiet")
	}
	return nil
}
