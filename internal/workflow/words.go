// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package workflow

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"greenroom/internal/outbox"
)

// Words says in words what a step does, for a card.
func (s *Step) Words() string {
	switch s.Kind {
	case StepMessage:
		if s.Place == Thread {
			return "Reply on " + s.Channel.Label()
		}
		if s.Channel == outbox.Email {
			return "E-mail"
		}
		return s.Channel.Label() + " message"
	case StepWait:
		if s.Until == UntilEvent {
			return upper(s.waitWords() + ", until " + s.eventWords())
		}
		return upper(s.waitWords())
	case StepBranch:
		return upper(s.conditionWords())
	case StepTask:
		return cmp.Or(short(s.Title), "Task")
	case StepAlert:
		return cmp.Or(short(s.Title), "Tell the team")
	case StepAssign:
		return "Give the conversation to " + s.Owner
	case StepTag:
		return "Tag " + s.Tag
	case StepUntag:
		return "Take the tag " + s.Tag + " away"
	case StepField:
		return "Set " + s.Field + " to " + short(s.Value)
	case StepCRM:
		return "Set " + s.Property + " in " + s.Source + " to " + short(s.Value)
	case StepEnroll:
		return "Enroll in " + s.Program
	case StepSurvey:
		return "Send the survey " + s.Survey
	case StepWebhook:
		return "Tell another system"
	case StepEnd:
		return "End"
	}
	return string(s.Kind)
}

// short writes personal fields by their names alone, for people.
func short(text string) string { return mark.ReplaceAllString(text, "{$1}") }

func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// waitWords says how long, as in "waited 3 days".
func (s *Step) waitWords() string {
	switch s.Until {
	case UntilWorking:
		return count(s.Amount, "working hour") + " in their time zone"
	case UntilHour:
		return "until " + dayWords(s.Weekday) + " at " + strconv.Itoa(s.Hour) + ":00 in their time zone"
	case UntilDate:
		return "until " + s.Date + " at " + strconv.Itoa(s.Hour) + ":00 in their time zone"
	case UntilTime, UntilEvent:
	}
	return count(s.Amount, strings.TrimSuffix(s.Unit, "s"))
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

func dayWords(weekday int) string {
	if weekday == 0 {
		return "the next day"
	}
	return time.Weekday(weekday % 7).String()
}

func (s *Step) eventWords() string {
	switch s.Event {
	case EventReply:
		return "they write back"
	case EventAnswer:
		return "somebody answers them"
	case EventActivity:
		return "they do " + s.Query
	case EventEntered:
		return "they enter " + s.Segment
	}
	return string(s.Event)
}

func (s *Step) conditionWords() string {
	switch s.If {
	case IfUnanswered:
		return "nobody has answered them"
	case IfSilent:
		return "they have not written back"
	case IfMember:
		return "the member fits " + s.Query
	case IfActivity:
		return "the activity fits " + s.Query
	case IfConversation:
		return "the conversation fits " + s.Query
	}
	return string(s.If)
}

// Words says in words what lets members in.
func (t *Trigger) Words() string {
	switch t.Kind {
	case OnActivity:
		what := "A member does something"
		if rest, ok := strings.CutSuffix(t.Query, said); ok {
			what = "A member writes"
			if in, ok := strings.CutPrefix(strings.TrimSpace(rest), "channel:"); ok {
				what += " in " + in
			}
		} else if t.Query != "" {
			what = "A member does something that fits"
		}
		if t.First {
			return what + ", for the first time"
		}
		return what
	case OnEntered:
		return "A member enters the segment " + t.Segment
	case OnLeft:
		return "A member leaves the segment " + t.Segment
	case OnSchedule:
		if t.Weekday == 0 {
			return fmt.Sprintf("Every day at %d:00", t.Hour)
		}
		return fmt.Sprintf("Every %s at %d:00", time.Weekday(t.Weekday%7), t.Hour)
	case OnSurvey:
		if t.Survey == "" {
			return "A member answers a survey"
		}
		return "A member answers the survey " + t.Survey
	case OnDate:
		return t.dateWords()
	case OnWebhook:
		return "Another system says so"
	case OnHand:
		return "Somebody of the team chooses them"
	}
	return string(t.Kind)
}

func (t *Trigger) dateWords() string {
	of := map[string]string{"organization": " of their organization", "record": " of their business record"}[t.Of]
	switch {
	case t.Days == 0:
		return "On the day of " + t.Field + of
	case t.Days < 0:
		return count(-t.Days, "day") + " before " + t.Field + of
	}
	return count(t.Days, "day") + " after " + t.Field + of
}
