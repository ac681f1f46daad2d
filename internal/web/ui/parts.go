// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ui

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf16"
)

// Tone says what a pill, value or delta means; it decides the color.
type Tone string

// The tones. Info is for questions, Idea for ideas and suggestions.
const (
	ToneNone Tone = ""
	ToneGood Tone = "good"
	ToneBad  Tone = "bad"
	ToneWarn Tone = "warn"
	ToneInfo Tone = "info"
	ToneIdea Tone = "idea"
)

// Pill is a short label with a meaning.
type Pill struct {
	Text  string
	Tone  Tone
	Href  string // makes it a link
	Title string // longer explanation, shown on hover and read out
}

// Avatar is a round picture, or initials on a color that a hash of Seed chooses.
type Avatar struct {
	Name  string
	Seed  string // stable, such as the member's id; Name if empty
	Image string // address of a picture, same origin
	Size  string // "", "sm" or "lg"
}

// ColorSeed is Seed, or Name if that is empty.
func (a Avatar) ColorSeed() string {
	if a.Seed == "" {
		return a.Name
	}
	return a.Seed
}

// Style is how much a button asks for attention.
type Style string

// The button styles. A page has one primary action at most.
const (
	StylePlain   Style = ""
	StylePrimary Style = "primary"
	StyleDanger  Style = "danger"
	StyleQuiet   Style = "quiet"
)

// Action is a link (Href), a form of one button (Post), a button that opens a dialog of this page (Dialog), or a
// button of the surrounding form (Submit). Exactly one of the four is set.
type Action struct {
	Label    string
	Href     string
	Post     string
	Dialog   string // id of a Dialog
	Submit   bool
	Name     string // with Submit: the button's name and value in the form
	Value    string
	Hidden   []Hidden // with Post: what is sent along
	Style    Style
	Small    bool
	Key      string // single key that triggers it, shown on the button, lower case: "a"
	Label2   string // what screen readers say instead of Label, when Label alone is ambiguous: "Assign: How do I…"
	Disabled string // reason why it cannot be used now; empty means it can
	Swap     string // with Href or Post: CSS selector of what htmx fills with the answer; "none" with Post keeps the page, for answers that are only a toast; empty loads a page
}

// Hidden is a form value that people do not see.
type Hidden struct{ Name, Value string }

// CardHead is the top of a card.
type CardHead struct {
	Title      string
	Note       string // small text at the right
	Pills      []Pill
	Actions    []Action
	Definition *Definition
}

// Row is one line of a list: who or what, a sentence, its evidence, the next step.
type Row struct {
	ID      string // for keyboard selection and the checkbox; empty leaves both out
	Avatar  *Avatar
	Lead    *Pill // instead of an avatar
	Title   string
	Strong  bool // title in bold: something to be dealt with
	Href    string
	Pills   []Pill // behind the title
	Meta    []Meta // small line below, joined by middle dots
	Text    string // a longer text below, as it was written
	Foot    []Pill // pills on a line of their own at the end, for narrow lists
	Label   *Label // what it was judged to be
	Value   string // figure at the right
	Tone    Tone   // of Value
	Badge   *Pill  // at the right
	Actions []Action
	Current bool // the one that is open beside the list
}

// Meta is one piece of a row's small line: text, a link, or a moment in time.
type Meta struct {
	Text  string
	Href  string
	Title string // shown where one points at the text
	Time  time.Time
}

// Rows is a list of rows with keyboard navigation.
type Rows struct {
	Label      string // what the list is, for screen readers
	Items      []Row
	Selectable string // name of the checkbox field; empty for none
}

// Delta is a change against the period before.
type Delta struct {
	Text string // size with unit, without sign: "6.1 %"
	Up   bool
	Flat bool   // neither up nor down; Text says what it is, such as "± 31"
	Tone Tone   // ToneGood or ToneBad by what the change means
	Than string // for screen readers: "than the week before"
}

// KPI is a card with one figure.
type KPI struct {
	Label      string
	Href       string // where the figure opens to
	Value      string // formatted, with unit
	Delta      *Delta
	Note       string
	Spark      *Spark
	Definition *Definition
}

// Definition is a popover that says what a figure is.
type Definition struct {
	Term    string
	Text    string
	Rows    []Fact // such as formula, unit, version, source
	Label   string // visible text of the button; a small "?" if empty
	MoreURL string // page with the whole definition
}

// Fact is a labeled value.
type Fact struct {
	Label string
	Value string
	Href  string
	Title string // shown where one points at the value
}

// Empty is what an empty page or card shows: what would be here and how to get it.
type Empty struct {
	Title   string
	Text    string
	Actions []Action
}

// Progress is long work that can be left. While Live is set, a script follows what happens at that address and fills it
// in: a stream of server-sent events, each with Working as JSON, or where a stream does not get through, the same JSON
// asked for again and again. Work that is not in it any more has ended, and the page loads anew.
type Progress struct {
	ID      string // unique on the page
	Label   string
	Done    int
	Total   int    // 0 while unknown
	Unit    string // what Done counts, such as "records"
	Note    string // such as "12,400 a second · about 2 min left"
	Failed  bool
	Live    string
	Next    string // what happens next, and what stopping means
	Actions []Action
}

// Count says how far the work has come.
func (p Progress) Count() string {
	number := Number
	unit := " " + p.Unit
	if p.Unit == "bytes" {
		number, unit = func(n int) string { return Bytes(int64(n)) }, ""
	}
	if p.Total == 0 {
		return number(p.Done) + unit
	}
	return number(p.Done) + " of " + number(p.Total) + unit
}

// Tick is the work's state for the script that follows it.
func (p Progress) Tick() Tick {
	return Tick{ID: p.ID, Label: p.Label, Count: p.Count(), Note: p.Note, Done: p.Done, Total: p.Total}
}

// Working is what the address of Progress.Live tells: all work that goes on at the moment.
type Working struct {
	Running []Tick `json:"running"`
}

// Tick is how far one work has come, with its texts.
type Tick struct {
	ID    string `json:"id"` // of the Progress
	Label string `json:"label"`
	Count string `json:"count"`
	Note  string `json:"note"`
	Done  int    `json:"done"`
	Total int    `json:"total"`
}

// Segment is one choice of a switch, or one tab.
type Segment struct {
	Label  string
	Href   string
	Active bool
	Count  string
}

// Segments is a row of links of which one is current, drawn as a switch, as tabs or as chips.
type Segments struct {
	Label string // what is chosen, for screen readers
	Items []Segment
}

// Step is a line of a guide: done, to do now, or later.
type Step struct {
	Title  string
	Text   string
	Done   bool
	Now    bool
	Action *Action
}

// Copy is a value with a button that copies it.
type Copy struct {
	Label string // of the button's meaning, for screen readers: "sign-in link"
	Value string
}

// Pager is the foot of a list that is read in pages by a cursor; empty addresses leave a button out.
type Pager struct {
	Newer string
	Older string
	Text  string // such as "1–50 of 8,214"
}

// ToastHeader gives the value of the response header HX-Trigger that makes the page show the toast.
func ToastHeader(t Toast) (string, error) {
	data, err := json.Marshal(map[string]Toast{"toast": t})
	if err != nil {
		return "", fmt.Errorf("encode toast: %w", err)
	}
	return escapeNonASCII(string(data)), nil
}

// escapeNonASCII writes JSON text in ASCII, as a header carries nothing else safely.
func escapeNonASCII(text string) string {
	var out strings.Builder
	for _, r := range text {
		if r < 0x80 {
			out.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&out, `\u%04x`, unit)
		}
	}
	return out.String()
}
