// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survey

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
)

// The columns before those of the questions.
const (
	colID, colState, colStarted, colCompleted = "response", "state", "started_at", "completed_at"
	colMember, colName, colEmail, colLanguage = "member_id", "name", "email", "language"
)

func fixed() []string {
	return []string{colID, colState, colStarted, colCompleted, colMember, colName, colEmail, colLanguage}
}

// column is a column of a table of answers.
type column struct {
	name string
	q    *Question
	row  string // of a matrix
}

func columns(d *Definition) []column {
	var all []column
	for _, q := range d.Questions() {
		if q.Type != Matrix {
			all = append(all, column{q.ID, q, ""})
			continue
		}
		for i := range q.Rows {
			all = append(all, column{q.ID + "." + q.Rows[i].ID, q, q.Rows[i].ID})
		}
	}
	return all
}

// Export writes all answers as CSV, one a line; several choices are parted by "|".
func (s *Service) Export(ctx context.Context, key string, w io.Writer) error {
	v, all, err := s.Answers(ctx, key)
	if err != nil {
		return err
	}
	out := csv.NewWriter(w)
	cols := columns(v.Definition)
	head := fixed()
	for _, c := range cols {
		head = append(head, c.name)
	}
	if err := out.Write(head); err != nil {
		return fmt.Errorf("writing answers: %w", err)
	}
	for i := range all {
		r := &all[i]
		member, name := "", r.Name
		if r.MemberID > 0 {
			member, name = strconv.FormatInt(r.MemberID, 10), r.Member
		}
		line := []string{strconv.FormatInt(r.ID, 10), string(r.State), stamp(r.StartedAt), stamp(r.CompletedAt), member, plainCell(name), plainCell(r.Email), r.Language}
		for _, c := range cols {
			value := r.Answers[c.q.ID]
			text := strings.Join(value.Texts(), "|")
			if c.row != "" {
				text = value.Rows[c.row]
			}
			if c.q.Type == Text {
				text = plainCell(text)
			}
			line = append(line, text)
		}
		if err := out.Write(line); err != nil {
			return fmt.Errorf("writing answers: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("writing answers: %w", err)
	}
	return nil
}

// plainCell keeps spreadsheets from taking what somebody wrote for a formula.
func plainCell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// Imported is what came of importing answers.
type Imported struct {
	Read     int64    `json:"read"`
	Added    int64    `json:"added"`
	Known    int64    `json:"known"`    // were imported before
	Rejected []string `json:"rejected"` // with their lines, and why
}

// mostRejected is how many reasons are told.
const mostRejected = 50

// Import reads answers from CSV: columns named by question, and, as far as they are there, completed_at, name, email,
// language and response, by which a line is known again. Lines that cannot be read are told, and the others are stored.
func (s *Service) Import(ctx context.Context, key string, in io.Reader, by string) (*Imported, error) {
	v, have, err := s.Answers(ctx, key)
	if err != nil {
		return nil, err
	}
	known := make(map[string]bool)
	for i := range have {
		known[have[i].External] = true
	}
	rd := csv.NewReader(in)
	rd.FieldsPerRecord = -1
	head, err := rd.Read()
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "line 1: expected the names of columns with commas between", Err: err}
	}
	for i := range head {
		head[i] = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(head[i], "\ufeff")))
	}
	cols := columns(v.Definition)
	if !slices.ContainsFunc(cols, func(c column) bool { return slices.Contains(head, c.name) }) {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "line 1: no column is named like a question; the survey has %s", names(cols))
	}
	out := &Imported{Rejected: []string{}}
	for {
		record, err := rd.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			out.reject(greenroom.Errorf(greenroom.CodeInvalid, "%s", strings.TrimPrefix(err.Error(), "record on ")))
			var bad *csv.ParseError
			if errors.As(err, &bad) {
				continue
			}
			return out, fmt.Errorf("reading answers: %w", err)
		}
		line, _ := rd.FieldPos(0)
		out.Read++
		r, err := s.line(&v, cols, head, record)
		if err != nil {
			out.reject(fmt.Errorf("line %d: %s", line, greenroom.ErrorMessage(err))) //nolint:err113 // a text for people
			continue
		}
		if known[r.External] {
			out.Known++
			continue
		}
		known[r.External] = true
		if err := s.Store.SaveResponse(ctx, r, 0, nil); err != nil {
			return out, fmt.Errorf("storing an answer: %w", err)
		}
		out.Added++
	}
	s.Told()
	return out, s.Audit.Audit(ctx, by, "survey.import", v.Key, fmt.Sprintf("%d answers", out.Added))
}

func names(cols []column) string {
	var all []string
	for _, c := range cols {
		all = append(all, c.name)
	}
	return strings.Join(all, ", ")
}

func (i *Imported) reject(err error) {
	if len(i.Rejected) < mostRejected {
		i.Rejected = append(i.Rejected, err.Error())
	}
}

// line reads one line.
func (s *Service) line(v *Survey, cols []column, head, record []string) (*Response, error) {
	get := func(name string) string {
		if i := slices.Index(head, name); i >= 0 && i < len(record) {
			return strings.TrimSpace(record[i])
		}
		return ""
	}
	at := s.Now()
	if text := get(colCompleted); text != "" {
		var err error
		if at, err = time.Parse(time.RFC3339, text); err != nil {
			if at, err = time.Parse(time.DateOnly, text); err != nil {
				return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is no time; expected one such as 2026-03-31 or 2026-03-31T14:05:00Z", text)
			}
		}
	}
	at = v.at(at)
	r := &Response{SurveyID: v.ID, Version: v.Version, State: Complete, Language: get(colLanguage), StartedAt: at, UpdatedAt: at, CompletedAt: at, Answers: make(Answers), Held: v.Settings.Who == Anonymous}
	if v.Settings.Who != Anonymous {
		r.Name, r.Email = get(colName), strings.ToLower(get(colEmail))
	}
	for _, c := range cols {
		text := get(c.name)
		if text == "" {
			continue
		}
		value, problem := c.q.Read(func(field string) []string {
			switch {
			case c.row != "" && field == c.q.Field(c.row), c.row == "" && c.q.Type != Multiple:
				return []string{text}
			case c.q.Type == Multiple:
				return strings.Split(text, "|")
			}
			return nil
		})
		if problem != "" && problem != Missing {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "%s cannot be answered with %q", c.name, text)
		}
		if have := r.Answers[c.q.ID]; c.row != "" && have.Rows != nil {
			have.Rows[c.row] = value.Rows[c.row]
			value = have
		}
		r.Answers[c.q.ID] = value
	}
	if len(r.Answers) == 0 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "nothing is answered")
	}
	if r.External = get(colID); r.External == "" {
		sum := sha256.Sum256([]byte(strings.Join(record, "\x00")))
		r.External = hex.EncodeToString(sum[:12])
	}
	return r, nil
}
