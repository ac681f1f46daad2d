// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package roadmap

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom/internal/schedule"
)

// columns are the columns of a table of tasks, as it is written; reading takes them in any order.
func columns() []string {
	return []string{"id", "title", "owner", "days", "after", "not_before", "due", "began", "ended", "note", "start", "end", "slack", "critical", "slipped", "inherited"}
}

// WriteCSV writes the tasks of a plan as a table that ReadCSV reads. What a spreadsheet would take for a formula is marked
// as text.
func (v *View) WriteCSV(to io.Writer) error {
	out := csv.NewWriter(to)
	if err := out.Write(columns()); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	for i := range v.Tasks {
		t := &v.Tasks[i]
		line := []string{
			strconv.FormatInt(t.ID, 10), t.Title, t.Owner, strconv.Itoa(t.Days), afterText(t.After), t.NotBefore, t.Due, t.Began, t.Ended, t.Note,
			t.Start, t.End, strconv.Itoa(t.Slack), strconv.FormatBool(t.Critical), strconv.Itoa(t.Slipped), strconv.Itoa(t.Inherited),
		}
		for _, j := range []int{1, 2, 9} {
			if line[j] != "" && strings.ContainsRune("=+-@\t\r", rune(line[j][0])) {
				line[j] = "'" + line[j]
			}
		}
		if err := out.Write(line); err != nil {
			return fmt.Errorf("writing CSV: %w", err)
		}
	}
	out.Flush()
	return out.Error()
}

// afterText writes dependencies as 3; 4 start-start +2.
func afterText(all []schedule.Dependency) string {
	parts := make([]string, len(all))
	for i, d := range all {
		parts[i] = strconv.FormatInt(d.On, 10)
		if d.Kind != "" && d.Kind != schedule.FinishStart {
			parts[i] += " " + string(d.Kind)
		}
		if d.Lag != 0 {
			parts[i] += fmt.Sprintf(" %+d", d.Lag)
		}
	}
	return strings.Join(parts, "; ")
}

// AfterText writes what a task waits for as ParseAfter reads it.
func AfterText(all []schedule.Dependency) string { return afterText(all) }

// ParseAfter reads what a task waits for: numbers of tasks, each perhaps with a kind and a lag in working days, apart by
// semicolons, such as "3; 4 start-start +2".
func ParseAfter(text string) ([]schedule.Dependency, error) {
	var all []schedule.Dependency
	for part := range strings.SplitSeq(text, ";") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		id, err := strconv.ParseInt(words[0], 10, 64)
		if err != nil || id <= 0 {
			return nil, bad("%q is no number of a task; write what it waits for as 3; 4 start-start +2", words[0])
		}
		d := schedule.Dependency{On: id}
		for _, w := range words[1:] {
			if lag, err := strconv.Atoi(w); err == nil {
				d.Lag = lag
				continue
			}
			d.Kind = schedule.Kind(strings.ToLower(w))
			if !slices.Contains([]schedule.Kind{schedule.FinishStart, schedule.StartStart, schedule.FinishFinish, schedule.StartFinish}, d.Kind) {
				return nil, bad("%q is no kind of dependency; there are finish-start, start-start, finish-finish and start-finish", w)
			}
		}
		all = append(all, d)
	}
	return all, nil
}

// ReadCSV reads tasks. It needs a column title; id, owner, days, after, not_before, due, began, ended and note are read where they
// are there, and others are left out. Numbers in id are what the column after refers to; without it, tasks are numbered from 1.
// The ids of what it returns are below 0. An error names the line.
func ReadCSV(from io.Reader) ([]Task, error) {
	in := csv.NewReader(from)
	in.FieldsPerRecord = -1
	head, err := in.Read()
	if err != nil {
		return nil, bad("the table has no first line with the names of its columns")
	}
	at := make(map[string]int)
	for i, name := range head {
		at[strings.ReplaceAll(strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))), " ", "_")] = i
	}
	if _, ok := at["title"]; !ok {
		return nil, bad("line 1: the table has no column title; its columns are %s", strings.Join(head, ", "))
	}
	var all []Task
	number := make(map[int64]int64) // in the table → below 0
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			return nil, bad("line %d cannot be read: %s", broken.Line, broken.Err)
		}
		if err != nil {
			return nil, fmt.Errorf("reading tasks: %w", err)
		}
		line, _ := in.FieldPos(0)
		if len(all) == MaxTasks {
			return nil, bad("line %d: a plan has at most %d tasks", line, MaxTasks)
		}
		t, id, err := readTask(record, at, int64(len(all)+1))
		if err != nil {
			return nil, bad("line %d: %s", line, err)
		}
		if number[id] != 0 {
			return nil, bad("line %d: there are two tasks with the id %d", line, id)
		}
		number[id] = t.ID
		all = append(all, t)
	}
	for i := range all {
		for j := range all[i].After {
			d := &all[i].After[j]
			to, ok := number[d.On]
			if !ok {
				return nil, bad("%q waits for task %d, which is not in the table", all[i].Title, d.On)
			}
			d.On = to
		}
	}
	return all, nil
}

func readTask(record []string, at map[string]int, place int64) (t Task, id int64, err error) {
	get := func(name string) string {
		i, ok := at[name]
		if !ok || i >= len(record) {
			return ""
		}
		v := strings.TrimSpace(record[i])
		if len(v) > 1 && v[0] == '\'' && strings.ContainsRune("=+-@", rune(v[1])) {
			v = v[1:]
		}
		return v
	}
	t = Task{ID: -place, Place: place, Title: get("title"), Owner: get("owner"), Note: get("note"), NotBefore: get("not_before"), Due: get("due"), Began: get("began"), Ended: get("ended")}
	id = place
	if text := get("id"); text != "" {
		if id, err = strconv.ParseInt(text, 10, 64); err != nil {
			return t, 0, fmt.Errorf("the id %q is no number", text)
		}
	}
	t.Days = 1
	if text := get("days"); text != "" {
		if t.Days, err = strconv.Atoi(text); err != nil {
			return t, 0, fmt.Errorf("%q is no number of days", text)
		}
	}
	if t.After, err = ParseAfter(get("after")); err != nil {
		return t, 0, err
	}
	return t, id, t.Validate()
}

// WriteMarkdown writes a plan for people who read.
func (v *View) WriteMarkdown(to io.Writer) error {
	w := bufio.NewWriter(to)
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) } // Flush tells the first error
	say("# %s\n\n", line(v.Title))
	if v.Intent != "" {
		say("%s\n\n", v.Intent)
	}
	say("- State: %s\n- From %s to %s\n", v.State, orNone(v.Begin), orNone(v.End))
	if v.BaseEnd != "" {
		say("- Promised for %s; %s\n", v.BaseEnd, slipText(v.Slipped))
	}
	for _, x := range []struct {
		name string
		who  []string
	}{{"Accountable", []string{v.Owner}}, {"Responsible", v.Responsible}, {"Consulted", v.Consulted}, {"Informed", v.Informed}} {
		if text := strings.Join(x.who, ", "); text != "" {
			say("- %s: %s\n", x.name, text)
		}
	}
	if v.Planned > 0 || v.Spent > 0 {
		say("- Budget: %.2f %s planned, %.2f committed, %.2f spent\n", v.Planned, v.Currency, v.Committed, v.Spent)
	}
	say("\n## Tasks\n\n| | Task | Owner | From | To | Waits for | Slack | Late by |\n|---|---|---|---|---|---|---|---|\n")
	for i := range v.Tasks {
		t := &v.Tasks[i]
		mark := map[Column]string{Todo: " ", Doing: "…", Ended: "x"}[t.Column]
		slip := ""
		if t.Slipped != 0 {
			slip = strconv.Itoa(t.Slipped)
		}
		say("| [%s] | %d. %s | %s | %s | %s | %s | %d | %s |\n", mark, t.ID, cell(t.Title), cell(t.Owner), t.Start, t.End, afterText(t.After), t.Slack, slip)
	}
	v.restOfMarkdown(say)
	if err := w.Flush(); err != nil {
		return fmt.Errorf("writing Markdown: %w", err)
	}
	return nil
}

func (v *View) restOfMarkdown(say func(string, ...any)) {
	if len(v.Checkpoints) > 0 {
		say("\n## Checkpoints\n\n")
	}
	for _, c := range v.Checkpoints {
		say("- %s: %s%s\n", c.Day, line(c.Title), after(" → ", line(c.Outcome)))
	}
	if len(v.Risks) > 0 {
		say("\n## Risks\n\n")
	}
	for _, r := range v.Risks {
		say("- %s%s\n", line(r.What), after(" → ", line(r.Answer)))
	}
	if len(v.Decisions) > 0 {
		say("\n## Decisions\n\n")
	}
	for _, d := range v.Decisions {
		say("- %s: %s%s%s\n", d.Day, line(d.What), after(" (", d.By, ")"), after("; objections: ", line(d.Objections)))
	}
	if len(v.Documents) > 0 {
		say("\n## Documents\n\n")
	}
	for _, d := range v.Documents {
		say("- %s: <%s>\n", line(d.Title), d.URL)
	}
}

// after is a text with what stands before and behind it; nothing for none.
func after(before, text string, behind ...string) string {
	if text == "" {
		return ""
	}
	return before + text + strings.Join(behind, "")
}

func line(text string) string { return strings.Join(strings.Fields(text), " ") }

func cell(text string) string { return strings.ReplaceAll(line(text), "|", `\|`) }

func orNone(day string) string {
	if day == "" {
		return "(no task)"
	}
	return day
}

func slipText(days int) string {
	switch {
	case days > 0:
		return strconv.Itoa(days) + " working days late"
	case days < 0:
		return strconv.Itoa(-days) + " working days early"
	default:
		return "in time"
	}
}

// WriteICal writes tasks that are not done, milestones and checkpoints as a calendar (RFC 5545) of whole days, which are the
// same in every time zone. Stamp is the moment that it is of.
func WriteICal(to io.Writer, plans []*View, stamp time.Time) error {
	w := bufio.NewWriter(to)
	put := func(name, value string) { fold(w, name+":"+value) }
	put("BEGIN", "VCALENDAR")
	put("VERSION", "2.0")
	put("PRODID", "-//Greenroom//Roadmap//EN")
	event := func(uid, summary, text string, first, last schedule.Date) {
		put("BEGIN", "VEVENT")
		put("UID", uid+"@greenroom")
		put("DTSTAMP", stamp.UTC().Format("20060102T150405Z"))
		put("DTSTART;VALUE=DATE", strings.ReplaceAll(first.String(), "-", ""))
		put("DTEND;VALUE=DATE", strings.ReplaceAll((last+1).String(), "-", ""))
		put("SUMMARY", escaped(summary))
		if text != "" {
			put("DESCRIPTION", escaped(text))
		}
		put("TRANSP", "TRANSPARENT")
		put("END", "VEVENT")
	}
	for _, v := range plans {
		for i := range v.Tasks {
			if t := &v.Tasks[i]; t.Column != Ended && t.Start != "" {
				event("task-"+strconv.FormatInt(t.ID, 10), t.Title, strings.Trim(v.Title+after(" · ", t.Owner)+"\n"+t.Note, "\n"), date(t.Start), date(t.End))
			}
		}
		for i, c := range v.Checkpoints {
			if d := date(c.Day); d != schedule.NoDate {
				event(fmt.Sprintf("plan-%d-checkpoint-%d", v.ID, i+1), "Checkpoint: "+c.Title, v.Title, d, d)
			}
		}
	}
	put("END", "VCALENDAR")
	if err := w.Flush(); err != nil {
		return fmt.Errorf("writing a calendar: %w", err)
	}
	return nil
}

// escaped is a text as iCalendar has it.
func escaped(text string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`).Replace(text)
}

// fold writes a line of at most 75 bytes, the rest of it below, without cutting a character. A Writer's error is told when
// it is flushed.
func fold(w *bufio.Writer, text string) {
	room := 75
	for len(text) > room {
		cut := room
		for cut > 0 && text[cut]&0xC0 == 0x80 {
			cut--
		}
		_, _ = w.WriteString(text[:cut] + "\r\n ")
		text, room = text[cut:], 74
	}
	_, _ = w.WriteString(text + "\r\n")
}
