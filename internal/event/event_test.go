// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"greenroom"
)

var update = flag.Bool("update", false, "write golden files anew")

var begin = time.Date(2026, 11, 5, 17, 0, 0, 0, time.UTC)

// TestReadAttendance reads lists as several platforms write them.
func TestReadAttendance(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(h, m int) time.Time { return time.Date(2026, 11, 5, h, m, 0, 0, time.UTC) }
	for name, c := range map[string]struct {
		text string
		want Attendance
	}{
		"plain": {"Email,Name\nana@acme.example,Ana Silva\n\nBEN@other.example,Ben\n", Attendance{Lines: 2, People: []Came{{Address: "ana@acme.example", Name: "Ana Silva"}, {Address: "ben@other.example", Name: "Ben"}}}},
		"a webinar's report, with lines above and people who came twice": {
			"Attendee Report\nReport Generated:,11/05/2026 07:00:00 PM\nTopic,Webinar ID\nKeys,123\nAttendee Details\nAttended,User Name (Original Name),First Name,Last Name,Email,Join Time,Leave Time,Time in Session (minutes)\n" +
				"Yes,Ana,Ana,Silva,ana@acme.example,11/05/2026 06:10:00 PM,11/05/2026 06:30:00 PM,20\nYes,Ana,Ana,Silva,ana@acme.example,11/05/2026 06:40:00 PM,11/05/2026 07:00:00 PM,20\nNo,Ben,Ben,Stone,ben@other.example,--,--,--\n",
			Attendance{Lines: 3, People: []Came{{Address: "ana@acme.example", Name: "Ana", Came: at(17, 10), Went: at(18, 0)}, {Address: "ben@other.example", Name: "Ben", Missed: true}}},
		},
		"semicolons and the day first": {"\xef\xbb\xbfE-Mail;Vorname;Nachname;Beitritt\nana@acme.example;Ana;Silva;05.11.2026 18:05\nben@other.example;Ben;;5/11/2026 18:06\n", Attendance{Lines: 2, People: []Came{{Address: "ana@acme.example", Name: "Ana Silva", Came: at(17, 5)}, {Address: "ben@other.example", Name: "Ben", Came: at(17, 6)}}}},
		"UTF-16 with tabs":             {"\xff\xfe" + utf16le("Full Name\tFirst Join\tEmail\nZoë\t11/5/26, 6:01:00 PM\tzoe@x.example\n"), Attendance{Lines: 1, People: []Came{{Address: "zoe@x.example", Name: "Zoë", Came: at(17, 1)}}}},
		"bad lines": {
			"name,email,checked in\nAna,ana@,yes\n,,yes\nBen,ben@other.example,perhaps\nCleo,cleo@x.example,yes\n",
			Attendance{Lines: 4, BadAll: 3, People: []Came{{Address: "cleo@x.example", Name: "Cleo"}}, Bad: []BadLine{{2, `"ana@" is no mail address`, "Ana,ana@,yes"}, {3, "neither a mail address nor a name", ",,yes"}, {4, `"perhaps" does not say whether they came; expected yes or no`, "Ben,ben@other.example,perhaps"}}},
		},
		"names only": {"Participant,Joined at\nAna,2026-11-05 18:00\nana,2026-11-05 18:20\n", Attendance{Lines: 2, People: []Came{{Name: "Ana", Came: at(17, 0)}}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ReadAttendance(strings.NewReader(c.text), berlin, begin)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, *got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if _, err := ReadAttendance(strings.NewReader("who,what\n1,2\n"), berlin, begin); greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(err.Error(), "who,what") {
		t.Errorf("a list without known columns: %v", err)
	}
}

func utf16le(text string) string {
	var sb strings.Builder
	for _, r := range text {
		sb.WriteByte(byte(r))
		sb.WriteByte(byte(r >> 8))
	}
	return sb.String()
}

// FuzzAttendance checks that no list makes the parser panic or give people who are nobody, and that every line is a person's
// or is said to be bad.
func FuzzAttendance(f *testing.F) {
	f.Add([]byte("Email,Name,Join time\nana@acme.example,Ana,2026-11-05 17:00\n"))
	f.Add([]byte("x\n\"Name\";\"Joined\";Email\n\"A\"\"na\";5.11.2026 18:00;ana@x.example\n;;\n\"open\n"))
	f.Add([]byte("\xff\xfeE\x00m\x00a\x00i\x00l\x00\n\x00a\x00@\x00b\x00"))
	f.Add([]byte("Attended\tEmail\nYes\ta@b.c\nNo\ta@b.c\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := ReadAttendance(bytes.NewReader(data), time.UTC, begin)
		if err != nil {
			if greenroom.ErrorCode(err) != greenroom.CodeInvalid {
				t.Errorf("%q: %v", data, err)
			}
			return
		}
		seen := make(map[string]bool)
		for _, p := range a.People {
			key := p.Address
			if key == "" {
				key = "name:" + strings.ToLower(p.Name)
			}
			if key == "name:" || seen[key] || !utf8.ValidString(p.Name+p.Address) || p.Address != "" && !strings.Contains(p.Address, "@") {
				t.Errorf("%q gives %+v", data, p)
			}
			seen[key] = true
		}
		if int64(len(a.People)) > a.Lines || len(a.Bad) > maxBad || int64(len(a.Bad)) > a.BadAll {
			t.Errorf("%q: %d people and %d bad lines of %d", data, len(a.People), a.BadAll, a.Lines)
		}
	})
}

// entries are what is hard to write in a calendar.
func entries() []Entry {
	day := time.Date(2026, 11, 5, 0, 0, 0, 0, time.UTC)
	return []Entry{
		{UID: "event-1@greenroom", Kind: "event", Title: `Keys; rotated, with \ backslash`, Text: "First line\nsecond line, which is long enough to be folded although it has letters such as ä, 漢字 and 🗝️ that take several bytes each, and must not be cut", From: begin, To: begin.Add(time.Hour), Place: "Café Nord, Upstairs", Link: "https://acme.example/events/1", State: "announced", Sequence: 3, ChangedAt: begin.Add(-time.Hour)},
		{UID: "event-2@greenroom", Kind: "event", Title: "Called off", From: begin, To: begin.Add(time.Hour), State: "canceled", ChangedAt: begin},
		{UID: "program-1-0-9@greenroom", Kind: "program", Title: "Champions: kick-off", From: day, To: day.AddDate(0, 0, 1), AllDay: true, State: "running"},
		{UID: "content-7@greenroom", Kind: "content", Title: "Blog: " + strings.Repeat("a", 70) + "é", Text: "a bell \x07 and\r\na line", From: begin, To: begin.Add(publishing), State: "draft"},
	}
}

// TestWriteICal compares a calendar with what it is known to be.
func TestWriteICal(t *testing.T) {
	var out bytes.Buffer
	if err := WriteICal(&out, "Greenroom, Acme", entries(), begin); err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/calendar.ics"
	if *update {
		if err := os.WriteFile(golden, out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Error(diff)
	}
}

// TestICalLines checks of any text that lines are as long as they may be, that no letter is cut, and that unfolding and
// unescaping gives the text back.
func TestICalLines(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		title := printable(strings.ReplaceAll(rapid.String().Draw(r, "title"), "\r", ""))
		var out bytes.Buffer
		if err := WriteICal(&out, "x", []Entry{{UID: "1", Title: title, From: begin, To: begin.Add(time.Hour)}}, begin); err != nil {
			r.Fatal(err)
		}
		text := out.String()
		for line := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
			if len(line) > lineSize || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
				r.Fatalf("the line %q has %d bytes", line, len(line))
			}
		}
		whole := strings.ReplaceAll(text, "\r\n ", "")
		_, rest, _ := strings.Cut(whole, "\r\nSUMMARY:")
		got, _, _ := strings.Cut(rest, "\r\n")
		if got := strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\,`, ",", `\;`, ";").Replace(got); got != title {
			r.Fatalf("%q came back as %q", title, got)
		}
	})
}

// TestMoves checks that presences and statuses end where they are to, and can be reached.
func TestMoves(t *testing.T) {
	reached := map[Status]bool{Idea: true}
	for range Statuses() {
		for _, s := range Statuses() {
			for _, to := range s.Next() {
				reached[to] = reached[to] || reached[s]
			}
		}
	}
	for _, s := range Statuses() {
		if !reached[s] || s.May(s) {
			t.Errorf("%s cannot be reached, or follows itself", s)
		}
	}
	if len(Published.Next()) != 0 {
		t.Error("what was published can be taken back")
	}
	for _, p := range Presences() {
		if p.May(p) || p == Waiting && p.May(Missed) {
			t.Errorf("%s may follow itself", p)
		}
	}
}
