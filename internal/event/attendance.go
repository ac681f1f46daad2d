// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
)

// Attendance is what a list says.
type Attendance struct {
	People []Came // each once, in the order of the list
	Lines  int64
	Bad    []BadLine // at most maxBad
	BadAll int64
}

// Limits of attendance lists.
const (
	maxLines  = 100_000
	maxBad    = 100
	maxSearch = 40 // lines in which the header is looked for
	maxBytes  = 50 << 20
	excerpt   = 200
)

// columns are what the columns of a list are called, by what they say; without regard to case and signs.
var columns = map[string][]string{
	"address": {"email", "emailaddress", "useremail", "mail", "mailaddress", "attendeeemail", "participantemail", "emailaddressusedtojoin", "emailadresse", "correo", "correoelectronico", "courriel", "upn", "participantidupn"},
	"name":    {"name", "fullname", "displayname", "attendee", "attendeename", "participant", "participantname", "username", "usernameoriginalname", "nameoriginalname", "nombre", "nom", "teilnehmer"},
	"first":   {"firstname", "givenname", "vorname", "prenom"},
	"last":    {"lastname", "surname", "familyname", "nachname"},
	"came":    {"jointime", "joined", "joinedat", "firstjoin", "checkin", "checkintime", "checkedinat", "checkindate", "timejoined", "arrival", "beitritt", "start", "attendedat"},
	"went":    {"leavetime", "left", "leftat", "lastleave", "timeexited", "exittime", "departure", "end"},
	"whether": {"attended", "checkedin", "present", "status", "attendance", "attendancestatus", "hasjoinedevent", "teilgenommen"},
}

// ReadAttendance reads a list of who came, as webinar and event platforms export them: values parted by commas, semicolons
// or tabs, in UTF-8 or UTF-16, with anything above the header. zone is that of times that name none; begin decides between
// two ways to read a date. An error means that nothing can be read at all.
func ReadAttendance(r io.Reader, zone *time.Location, begin time.Time) (*Attendance, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading the list: %w", err)
	}
	if len(data) > maxBytes {
		return nil, invalid("the list has more than %d MB; expected one of attendance", maxBytes>>20)
	}
	data = plain(data)
	head, err := findHeader(data)
	if err != nil {
		return nil, err
	}
	l := &attendanceReader{header: head, zone: zone, begin: begin, index: make(map[string]int), list: &Attendance{People: []Came{}}}
	in := csv.NewReader(bytes.NewReader(data[head.offset:]))
	in.Comma, in.FieldsPerRecord, in.LazyQuotes = head.comma, -1, true
	for {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			return l.list, nil
		}
		line, _ := 0, 0
		if err == nil {
			line, _ = in.FieldPos(0)
		}
		at := head.line + int64(line)
		var bad *csv.ParseError
		switch {
		case errors.As(err, &bad):
			l.reject(head.line+int64(bad.Line), "the quotes of this line do not match", "")
			continue
		case err != nil:
			return nil, fmt.Errorf("reading the list: %w", err)
		}
		if l.list.Lines++; l.list.Lines > maxLines {
			return nil, invalid("the list has more than %d lines; import it in parts", maxLines)
		}
		l.take(at, fields)
	}
}

// plain turns UTF-16 and byte order marks into UTF-8.
func plain(data []byte) []byte {
	var order func(a, b byte) rune
	switch {
	case bytes.HasPrefix(data, []byte{0xEF, 0xBB, 0xBF}):
		return data[3:]
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}):
		order = func(a, b byte) rune { return rune(a) | rune(b)<<8 }
	case bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		order = func(a, b byte) rune { return rune(b) | rune(a)<<8 }
	default:
		return data
	}
	var out bytes.Buffer
	for i := 2; i+1 < len(data); i += 2 {
		r := order(data[i], data[i+1])
		if r >= 0xD800 && r < 0xDC00 && i+3 < len(data) { // the first half of a rare letter
			r = 0x10000 + (r-0xD800)<<10 + (order(data[i+2], data[i+3]) - 0xDC00)
			i += 2
		}
		out.WriteRune(r)
	}
	return out.Bytes()
}

// header says where the columns are.
type header struct {
	offset int   // of what follows it
	line   int64 // of the header, from 1 on
	comma  rune
	at     map[string]int
}

// findHeader looks for the first line that names an address, or a name and when they came.
func findHeader(data []byte) (*header, error) {
	offset, n := 0, int64(0)
	s := bufio.NewReader(bytes.NewReader(data))
	var first string
	for n < maxSearch {
		line, err := s.ReadString('\n')
		if line == "" && err != nil {
			break
		}
		offset += len(line)
		n++
		if first == "" {
			first = strings.TrimSpace(line)
		}
		for _, comma := range []rune{',', ';', '\t'} {
			at := columnsOf(line, comma)
			_, address := at["address"]
			_, name := at["name"]
			_, came := at["came"]
			if address || name && came {
				return &header{offset: offset, line: n, comma: comma, at: at}, nil
			}
		}
	}
	return nil, invalid("there is no line that names the columns; expected one such as Email, Name, Join time, but the list begins with %q", clip(first))
}

// columnsOf says which columns a line names.
func columnsOf(line string, comma rune) map[string]int {
	in := csv.NewReader(strings.NewReader(line))
	in.Comma, in.LazyQuotes = comma, true
	fields, err := in.Read()
	if err != nil {
		return nil
	}
	at := make(map[string]int)
	for i, f := range fields {
		name := strings.Map(func(r rune) rune {
			switch {
			case r >= 'a' && r <= 'z':
				return r
			case r >= 'A' && r <= 'Z':
				return r + 'a' - 'A'
			case r == 'é':
				return 'e'
			case r == 'ó':
				return 'o'
			}
			return -1
		}, f)
		for what, names := range columns {
			if _, taken := at[what]; !taken && slices.Contains(names, name) {
				at[what] = i
			}
		}
	}
	return at
}

type attendanceReader struct {
	header *header
	zone   *time.Location
	begin  time.Time
	index  map[string]int // of people, by address, or by name
	list   *Attendance
}

func (l *attendanceReader) reject(line int64, reason, text string) {
	if l.list.BadAll++; len(l.list.Bad) < maxBad {
		l.list.Bad = append(l.list.Bad, BadLine{Line: line, Reason: reason, Text: clip(text)})
	}
}

func clip(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if utf8.RuneCountInString(text) > excerpt {
		return string([]rune(text)[:excerpt]) + "…"
	}
	return text
}

// field is a value of a line; "" where there is none.
func (l *attendanceReader) field(fields []string, what string) string {
	i, ok := l.header.at[what]
	if !ok || i >= len(fields) {
		return ""
	}
	return strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(fields[i], "\uFFFD"), "\x00", ""))
}

// take reads a line.
func (l *attendanceReader) take(line int64, fields []string) {
	if !slices.ContainsFunc(fields, func(f string) bool { return strings.TrimSpace(f) != "" }) {
		l.list.Lines--
		return
	}
	c := Came{Address: strings.ToLower(l.field(fields, "address")), Name: l.field(fields, "name")}
	if full := strings.TrimSpace(l.field(fields, "first") + " " + l.field(fields, "last")); c.Name == "" {
		c.Name = full
	}
	text := strings.Join(fields, string(l.header.comma))
	if c.Address != "" {
		if at, err := mail.ParseAddress(c.Address); err != nil || at.Address != c.Address || strings.ContainsAny(c.Address, " \t\"") || len(c.Address) > 254 {
			l.reject(line, fmt.Sprintf("%q is no mail address", clip(c.Address)), text)
			return
		}
	}
	if c.Address == "" && c.Name == "" {
		l.reject(line, "neither a mail address nor a name", text)
		return
	}
	c.Name = clip(c.Name)
	var err error
	if c.Came, err = l.when(l.field(fields, "came")); err != nil {
		l.reject(line, greenroom.ErrorMessage(err), text)
		return
	}
	if c.Went, err = l.when(l.field(fields, "went")); err != nil {
		l.reject(line, greenroom.ErrorMessage(err), text)
		return
	}
	if c.Missed, err = missed(l.field(fields, "whether")); err != nil {
		l.reject(line, greenroom.ErrorMessage(err), text)
		return
	}
	l.add(c)
}

// add puts somebody on the list. Who left and came back is one, from the first time that they came to the last that they went.
func (l *attendanceReader) add(c Came) {
	key := c.Address
	if key == "" {
		key = "name:" + strings.ToLower(c.Name)
	}
	i, ok := l.index[key]
	if !ok {
		l.index[key] = len(l.list.People)
		l.list.People = append(l.list.People, c)
		return
	}
	have := &l.list.People[i]
	if have.Name == "" {
		have.Name = c.Name
	}
	have.Missed = have.Missed && c.Missed
	if !c.Came.IsZero() && (have.Came.IsZero() || c.Came.Before(have.Came)) {
		have.Came = c.Came
	}
	if c.Went.After(have.Went) {
		have.Went = c.Went
	}
}

// missed reads whether somebody came.
func missed(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "", "yes", "y", "true", "1", "x", "attended", "checked in", "checked-in", "present", "joined", "came", "approved", "going", "ja", "oui", "si", "sí":
		return false, nil
	case "no", "n", "false", "0", "-", "no show", "no-show", "not attended", "absent", "missed", "registered", "invited", "cancelled", "canceled", "declined", "nein", "non": //nolint:misspell // as platforms spell it
		return true, nil
	}
	return false, invalid("%q does not say whether they came; expected yes or no", clip(text))
}

// whenForms are the ways in which platforms write times; those with slashes say the month first.
func whenForms() []string {
	return []string{
		time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 MST", "2006-01-02",
		"1/2/2006 3:04:05 PM", "1/2/2006 3:04 PM", "1/2/2006 15:04:05", "1/2/2006 15:04", "1/2/2006, 3:04:05 PM", "1/2/06, 3:04:05 PM", "1/2/06 15:04", "1/2/2006",
		"2/1/2006 3:04:05 PM", "2/1/2006 3:04 PM", "2/1/2006 15:04:05", "2/1/2006 15:04", "2/1/2006",
		"2.1.2006 15:04:05", "2.1.2006 15:04", "2.1.2006, 15:04", "2.1.2006", "Jan 2, 2006 3:04 PM", "Jan 2, 2006 15:04:05", "Jan 2, 2006, 3:04:05 PM", "January 2, 2006 3:04 PM", "2 Jan 2006 15:04",
	}
}

// when reads a time. Where day and month can be told either way, the one nearer to the event is meant.
func (l *attendanceReader) when(text string) (time.Time, error) {
	if text == "" || text == "-" || text == "--" {
		return time.Time{}, nil
	}
	text = strings.NewReplacer("\u202f", " ", "\u00a0", " ").Replace(text)
	var best time.Time
	for _, form := range whenForms() {
		at, err := time.ParseInLocation(form, strings.ToUpper(text), l.zone)
		if err != nil {
			if at, err = time.ParseInLocation(form, text, l.zone); err != nil {
				continue
			}
		}
		if at.Year() < 1990 || at.Year() > 2200 {
			continue
		}
		if best.IsZero() || at.Sub(l.begin).Abs() < best.Sub(l.begin).Abs() {
			best = at
		}
	}
	if best.IsZero() {
		return best, invalid("%q is no time; expected one such as 2026-11-20 17:05", clip(text))
	}
	return best.UTC(), nil
}
