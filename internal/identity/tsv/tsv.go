// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package tsv reads identities from tab-separated text and writes what the
// engine makes of them, for benchmarks and for teams that want to try the
// engine on a file before they connect anything.
//
// The input has one header line and these columns, in any order; all but
// identity_id may be missing:
//
//	identity_id  unique text
//	name         display name
//	email        address as written
//	first_seen   date, YYYY-MM-DD
//	last_seen    date, YYYY-MM-DD
//	commits      whole number of activities
//	tz           usual UTC offset, +hhmm
//	bot          1 for an automaton (kept out of the evidence; see Read)
//
// Other columns are ignored, so that a file with known answers in it can be
// read as it is. There is no quoting: a tab ends a field, a newline a record.
package tsv

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"greenroom/internal/identity"
)

// maxLine is the longest line read, in bytes.
const maxLine = 1 << 20

// A Problem is a line, or a field of one, that could not be used as it is.
type Problem struct {
	Line int    // counted from 1
	Text string // what was found and what was expected
}

// String describes the problem without the file's name, which the caller knows.
func (p Problem) String() string { return "line " + strconv.Itoa(p.Line) + ": " + p.Text }

// Read returns the identities of a file. Lines that cannot be used are
// reported and left out, single fields that cannot be read are reported and
// left empty; the rest goes on. The error is about the file as a whole.
//
// The bot column is a guess by pattern in the files it comes from, so it is
// read only when trustBots is set.
func Read(in io.Reader, trustBots bool) ([]identity.Record, []Problem, error) {
	text, err := readAll(in)
	if err != nil {
		return nil, nil, err
	}
	if text == "" {
		return nil, nil, errors.New("read header: file is empty, want a line with identity_id and other columns")
	}
	head, text, _ := strings.Cut(text, "\n")
	cols, err := header(strings.TrimPrefix(head, "\ufeff"))
	if err != nil {
		return nil, nil, err
	}
	lines := strings.Count(text, "\n") + 1
	r := reader{
		cols: cols, trustBots: trustBots, seen: make(map[string]int, lines), records: make([]identity.Record, 0, lines),
		names: make([]string, 0, lines), emails: make([]identity.Email, 0, lines),
	}
	var line string
	for r.line = 2; text != ""; r.line++ {
		line, text, _ = strings.Cut(text, "\n")
		r.add(strings.TrimSuffix(line, "\r"))
	}
	return r.records, r.problems, nil
}

// readAll reads a whole text, which all fields of all records then share.
func readAll(in io.Reader) (string, error) {
	var text strings.Builder
	if f, ok := in.(interface{ Stat() (fs.FileInfo, error) }); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			text.Grow(int(info.Size()))
		}
	}
	buf := make([]byte, 1<<18)
	for line := 0; ; {
		n, err := in.Read(buf)
		text.Write(buf[:n])
		if end := bytes.LastIndexByte(buf[:n], '\n'); end >= 0 {
			line = n - end
		} else if line += n; line > maxLine {
			err = fmt.Errorf("longer than %d bytes, want a line of text", maxLine)
		}
		switch {
		case errors.Is(err, io.EOF):
			return text.String(), nil
		case err != nil:
			return "", fmt.Errorf("line %d: %w", strings.Count(text.String(), "\n")+1, err)
		}
	}
}

// columns holds the position of each known column, -1 when it is missing.
type columns struct{ id, name, email, first, last, commits, tz, bot int }

func header(line string) (columns, error) {
	c := columns{-1, -1, -1, -1, -1, -1, -1, -1}
	known := map[string]*int{
		"identity_id": &c.id, "name": &c.name, "email": &c.email, "first_seen": &c.first,
		"last_seen": &c.last, "commits": &c.commits, "tz": &c.tz, "bot": &c.bot,
	}
	for i, h := range strings.Split(strings.TrimSuffix(line, "\r"), "\t") {
		if at, ok := known[h]; ok {
			if *at >= 0 {
				return c, fmt.Errorf("line 1: column %s is there twice", h)
			}
			*at = i
		}
	}
	if c.id < 0 {
		return c, errors.New("line 1: no column identity_id, want a header line with tab-separated names")
	}
	return c, nil
}

type reader struct {
	cols      columns
	trustBots bool
	line      int
	seen      map[string]int
	records   []identity.Record
	names     []string // one list for all records, which have one name each
	emails    []identity.Email
	problems  []Problem
	fields    []string // of the line at hand
}

func (r *reader) problem(format string, args ...any) {
	r.problems = append(r.problems, Problem{Line: r.line, Text: fmt.Sprintf(format, args...)})
}

func (r *reader) add(text string) {
	if text == "" {
		return
	}
	r.fields = r.fields[:0]
	for field := range strings.SplitSeq(text, "\t") {
		r.fields = append(r.fields, field)
	}
	get := func(i int) string {
		if i < 0 || i >= len(r.fields) {
			return ""
		}
		return r.fields[i]
	}
	id := get(r.cols.id)
	if id == "" {
		r.problem("identity_id is empty, want unique text")
		return
	}
	if first, ok := r.seen[id]; ok {
		r.problem("identity_id %q is there already on line %d", id, first)
		return
	}
	r.seen[id] = r.line
	rec := identity.Record{ID: id, TimeZone: get(r.cols.tz), Bot: r.trustBots && get(r.cols.bot) == "1"}
	if n := get(r.cols.name); n != "" {
		r.names = append(r.names, n)
		rec.Names = r.names[len(r.names)-1 : len(r.names) : len(r.names)]
	}
	if e := get(r.cols.email); e != "" {
		r.emails = append(r.emails, identity.Email{Address: e})
		rec.Emails = r.emails[len(r.emails)-1 : len(r.emails) : len(r.emails)]
	}
	rec.FirstSeen = r.date("first_seen", get(r.cols.first))
	rec.LastSeen = r.date("last_seen", get(r.cols.last))
	if s := get(r.cols.commits); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			r.problem("commits is %q, want a whole number", s)
		} else {
			rec.Activities = n
		}
	}
	r.records = append(r.records, rec)
}

func (r *reader) date(column, s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		r.problem("%s is %q, want YYYY-MM-DD", column, s)
		return time.Time{}
	}
	return t
}

// WriteClusters writes "identity_id<TAB>cluster_id" for every identity. A
// cluster is named by its first identity.
func WriteClusters(out io.Writer, res *identity.Result) error {
	w := bufio.NewWriter(out)
	for _, c := range res.Clusters {
		for _, id := range c {
			_, _ = w.WriteString(id)
			_ = w.WriteByte('\t')
			_, _ = w.WriteString(c[0])
			_ = w.WriteByte('\n')
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write clusters: %w", err)
	}
	return nil
}

// WriteSuggestions writes a header and "identity_a<TAB>identity_b<TAB>
// probability<TAB>why" for every suggestion, the likeliest first.
func WriteSuggestions(out io.Writer, res *identity.Result) error {
	return writePairs(out, res, res.Suggestions)
}

// WritePairs writes in the same way what the engine merged on its own, in the
// order in which it did, and then what it suggests.
func WritePairs(out io.Writer, res *identity.Result) error {
	var pairs []identity.Suggestion
	for _, m := range res.Merges {
		if !m.Decided {
			pairs = append(pairs, identity.Suggestion{A: m.A, B: m.B, Probability: m.Probability})
		}
	}
	return writePairs(out, res, append(pairs, res.Suggestions...))
}

func writePairs(out io.Writer, res *identity.Result, pairs []identity.Suggestion) error {
	w := bufio.NewWriter(out)
	_, _ = w.WriteString("identity_a\tidentity_b\tprobability\twhy\n")
	for _, s := range pairs {
		why := ""
		if ex, ok := res.Explain(s.A, s.B); ok {
			why = strings.ReplaceAll(ex.Summary(), "\t", " ")
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%.4f\t%s\n", s.A, s.B, s.Probability, why)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write suggestions: %w", err)
	}
	return nil
}
