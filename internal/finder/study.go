// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package finder

import (
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
)

// Draft is all that people say of a study.
type Draft struct {
	Title   string `json:"title" doc:"What they are wanted for, one line."`
	Text    string `json:"text,omitempty" doc:"More about it, for the team."`
	Owner   string `json:"owner,omitempty" doc:"Who talks to them, by mail address."`
	Who     string `json:"who,omitempty" doc:"Whom: a query over members, such as country:de tag:admin."`
	Uses    string `json:"uses,omitempty" doc:"What they have to have done: a query over activities."`
	Said    string `json:"said,omitempty" doc:"What they have to have said: a query over activities, such as body:export sentiment:negative."`
	Wanted  int    `json:"wanted" doc:"How many are wanted."`
	Rest    int    `json:"rest_days" doc:"Who was asked for any study in so many days is left alone."`
	Yearly  int    `json:"yearly" doc:"Who was asked so often within a year is left alone."`
	Subject string `json:"subject,omitempty" doc:"Of the invitation."`
	Letter  string `json:"letter,omitempty" doc:"The invitation, in Markdown; {name} is their name."`
}

// Study is something that members are wanted for.
type Study struct {
	ID      int64 `json:"id" doc:"The study's number."`
	Version int64 `json:"version" doc:"Grows with every change; a change names the one that it was made from."`
	Draft

	Closed    bool      `json:"closed,omitempty" doc:"Nobody is invited any more."`
	CreatedBy string    `json:"created_by" doc:"Who made it."`
	CreatedAt time.Time `json:"created_at" doc:"When."`
}

// State is what became of asking somebody.
type State string

// The states.
const (
	Invited  State = "invited"
	Agreed   State = "agreed"
	Done     State = "done"
	Declined State = "declined"
	NoShow   State = "no_show"
)

// States lists them.
func States() []State { return []State{Invited, Agreed, Done, Declined, NoShow} }

// Label is the state as people write it.
func (s State) Label() string {
	if s == NoShow {
		return "did not come"
	}
	return string(s)
}

// Ask is that somebody was asked for a study.
type Ask struct {
	ID        int64     `json:"id" doc:"Its number."`
	Study     int64     `json:"study" doc:"The study."`
	Title     string    `json:"title" doc:"Its title."`
	Member    int64     `json:"member_id" doc:"Who was asked."`
	Name      string    `json:"name" doc:"Their name."`
	State     State     `json:"state" doc:"invited, agreed, done, declined or no_show."`
	Note      string    `json:"note,omitempty" doc:"What came out."`
	Incentive string    `json:"incentive,omitempty" doc:"What they got for it."`
	Message   int64     `json:"message_id,omitempty" doc:"The invitation in the outbox; left out where there is no mail address."`
	By        string    `json:"by" doc:"Who asked."`
	At        time.Time `json:"at" doc:"When."`
	ChangedAt time.Time `json:"changed_at" doc:"When its state was noted."`
}

const (
	maxTitle  = 200
	maxText   = 10_000
	maxQuery  = 2000
	maxWanted = 200
)

// Usual numbers of a study.
const (
	UsualWanted = 10
	UsualRest   = 90
	UsualYearly = 3
)

// Validate completes a draft and says what is wrong with it, as an error of CodeInvalid.
func (d *Draft) Validate() error {
	for _, t := range []*string{&d.Title, &d.Text, &d.Owner, &d.Who, &d.Uses, &d.Said, &d.Subject} {
		*t = strings.TrimSpace(*t)
	}
	if d.Wanted == 0 {
		d.Wanted = UsualWanted
	}
	if d.Rest == 0 {
		d.Rest = UsualRest
	}
	if d.Yearly == 0 {
		d.Yearly = UsualYearly
	}
	switch {
	case d.Title == "" || utf8.RuneCountInString(d.Title) > maxTitle:
		return bad("a study needs a title of at most %d characters", maxTitle)
	case len(d.Text) > maxText || len(d.Letter) > maxText || utf8.RuneCountInString(d.Subject) > maxTitle:
		return bad("text and invitation have at most %d bytes, the subject %d characters", maxText, maxTitle)
	case len(d.Who) > maxQuery || len(d.Uses) > maxQuery || len(d.Said) > maxQuery:
		return bad("a query has at most %d bytes", maxQuery)
	case d.Who == "" && d.Uses == "" && d.Said == "":
		return bad("say whom: at least one of who they are, what they did and what they said")
	case d.Wanted < 1 || d.Wanted > maxWanted:
		return bad("between 1 and %d people can be wanted", maxWanted)
	case d.Rest < 1 || d.Rest > 3650 || d.Yearly < 1 || d.Yearly > 100:
		return bad("people rest between 1 and 3650 days, and are asked between 1 and 100 times a year")
	}
	return nil
}

func bad(format string, args ...any) error {
	return greenroom.Errorf(greenroom.CodeInvalid, format, args...)
}
