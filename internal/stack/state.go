// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"fmt"
	"time"

	"greenroom"
	"greenroom/internal/action"
)

// State says how a source is.
type State string

// The states of a source.
const (
	StateReading State = "reading" // at this moment
	StateGood    State = "good"    // read to its end, and not late
	StateLate    State = "late"    // not read to its end for much longer than its rhythm
	StateFailing State = "failing" // the last read failed
	StateWaiting State = "waiting" // the platform's limit is used up; it is asked again when it is back
	StateStopped State = "stopped" // interrupted; it goes on when it is told to
	StateNever   State = "never"   // not read to its end yet
)

// elsewhere is how old the last word of a run may be that another process reads, such as the command line.
const elsewhere = 20 * time.Second

// judge says how a source is by its last run.
func (r *Report) judge(run *greenroom.Run, reading bool, now time.Time) {
	if run.State == greenroom.RunDone {
		r.ReadAt = run.FinishedAt
	}
	// A rhythm can be a minute, and a read may take one: a source is late when it misses several turns.
	late := 3*time.Duration(r.Rhythm)*time.Second + 30*time.Minute
	switch {
	case reading, run.State == greenroom.RunRunning && now.Sub(run.UpdatedAt) < elsewhere:
		r.State, r.Says = StateReading, "It is being read."
	case run.State == greenroom.RunFailed && r.Source.Failures == 0 && !r.Source.DueAt.IsZero():
		r.State, r.Says = StateWaiting, sentence(run.Error)
		r.Advice = "Nothing is to be done: it goes on by itself " + moment(r.Source.DueAt, now) + "."
	case run.State == greenroom.RunFailed:
		r.State, r.Says, r.Advice = StateFailing, sentence(run.Error), "Look at its settings, test the connection, and read it again."
		if !r.Source.DueAt.IsZero() {
			r.Advice += " It is tried again by itself " + moment(r.Source.DueAt, now) + "."
		}
	case run.State == greenroom.RunInterrupted, run.State == greenroom.RunRunning:
		r.State, r.Says, r.Advice = StateStopped, "Its last read was interrupted; what was stored is kept.", "Read it again to go on where it was."
	case run.State == "" && r.Rhythm > 0:
		r.State, r.Says, r.Advice = StateNever, "It has not been read yet.", "Read it, or wait until it is read by itself."
	case run.State == "":
		r.State, r.Says = StateNever, "Nothing has come in yet."
	case r.Rhythm > 0 && now.Sub(r.ReadAt) > late:
		r.State = StateLate
		r.Says = fmt.Sprintf("It was last read %s ago, and should be every %s.", span(now.Sub(r.ReadAt)), span(time.Duration(r.Rhythm)*time.Second))
		r.Advice = "Is the server running all the time? Read it again, and look at its history below."
	case r.Rhythm > 0:
		r.State, r.Says = StateGood, "It is read every "+span(time.Duration(r.Rhythm)*time.Second)+"."
		if !r.Source.DueAt.IsZero() {
			r.Says += " The next time is " + moment(r.Source.DueAt, now) + "."
		}
	default:
		r.State, r.Says = StateGood, "It was read to its end, and is read again when you say so."
	}
}

// watch raises the alerts of a source.
func (r *Report) watch() {
	raise := func(kind, text, do string) {
		r.Alerts = append(r.Alerts, Alert{Source: r.Source.Name, Kind: kind, Text: text, Do: do})
	}
	switch r.State { //nolint:exhaustive // the others are no cause for alarm
	case StateLate:
		raise("late", r.Says, r.Advice)
	case StateFailing:
		raise("failing", r.Says, r.Advice)
	}
	if r.Lost > 0 {
		raise("deliveries", fmt.Sprintf("%d of the platform's pushes could not be taken in.", r.Lost), "Look at why on the page of the source, and try them again.")
	}
	for _, c := range r.Changes {
		if c.Kind != "new" { // what comes in may be wrong, or less
			raise("changed", c.Text, "Its activities come in as far as they can be read; look whether a newer version of Greenroom knows of the change.")
		}
	}
	if !r.Live || len(r.Volume) < 2 {
		return // of a file nothing new is expected
	}
	switch y := r.Volume[len(r.Volume)-2]; { // the last day that is over
	case y.Gap:
		raise("gap", fmt.Sprintf("Nothing came in on %s; %d is usual on a %s.", y.From.Format("2 January"), y.Usual, y.From.Weekday()), "Test the connection, and look whether the platform was down.")
	case y.Low:
		raise("low", fmt.Sprintf("On %s came %d activities; %d is usual on a %s.", y.From.Format("2 January"), y.Count, y.Usual, y.From.Weekday()), "Was it a holiday? If not, look at the coverage: a channel may have been left.")
	}
}

// watchRepeated raises an alert for each repeated action of the source that does not work.
func (r *Report) watchRepeated(troubles []action.Trouble) {
	for i := range troubles {
		t := &troubles[i]
		if t.Source != r.Source.Name {
			continue
		}
		do := "Look at the repeated actions of the source; it is tried again by itself."
		if t.Action > 0 {
			do = fmt.Sprintf("Look at action %d; what failed is tried again at its next turn.", t.Action)
		}
		r.Alerts = append(r.Alerts, Alert{Source: t.Source, Kind: "action", Text: fmt.Sprintf("“%s” does not work: %s", t.Title, t.Text), Do: do})
	}
}

// span writes a duration as people say it.
func span(d time.Duration) string {
	unit := func(n int64, name string) string {
		if n == 1 {
			return name
		}
		return fmt.Sprintf("%d %ss", n, name)
	}
	switch {
	case d < 2*time.Minute:
		return unit(int64(d/time.Second), "second")
	case d < 2*time.Hour:
		return unit(int64(d/time.Minute), "minute")
	case d < 48*time.Hour:
		return unit(int64(d/time.Hour), "hour")
	default:
		return unit(int64(d/(24*time.Hour)), "day")
	}
}

// moment writes when something will be.
func moment(at, now time.Time) string {
	if d := at.Sub(now); d > time.Minute {
		return "in " + span(d)
	}
	return "in a moment"
}

// sentence makes a whole sentence of an error's message.
func sentence(message string) string {
	if message == "" {
		return "It failed, and did not say why."
	}
	r := []rune(message)
	if r[0] >= 'a' && r[0] <= 'z' {
		r[0] += 'A' - 'a'
	}
	if last := r[len(r)-1]; last != '.' && last != '!' && last != '?' {
		r = append(r, '.')
	}
	return string(r)
}
