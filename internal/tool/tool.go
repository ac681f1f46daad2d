// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package tool

import (
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
	"greenroom/internal/schedule"
)

// State is how a tool stands in the stack.
type State string

// The states.
const (
	InUse   State = "in_use"
	Trial   State = "trial"
	Wanted  State = "wanted"
	Retired State = "retired"
)

// States lists them.
func States() []State { return []State{InUse, Trial, Wanted, Retired} }

// Label is the state as people write it.
func (s State) Label() string { return strings.ReplaceAll(string(s), "_", " ") }

// Paid reports whether a tool in this state costs something now.
func (s State) Paid() bool { return s == InUse || s == Trial }

// Stage is a phase of a community's maturity.
type Stage string

// The stages.
const (
	Seed   Stage = "seed"
	Grow   Stage = "grow"
	Impact Stage = "impact"
)

// Stages lists them, in their order.
func Stages() []Stage { return []Stage{Seed, Grow, Impact} }

// Label is the stage as people write it.
func (s Stage) Label() string {
	switch s {
	case Seed:
		return "Seed"
	case Grow:
		return "Grow"
	default:
		return "Business impact"
	}
}

// Rhythm is how often a cost comes.
type Rhythm string

// The rhythms.
const (
	Monthly   Rhythm = "month"
	Quarterly Rhythm = "quarter"
	Yearly    Rhythm = "year"
	Once      Rhythm = "once"
)

// Rhythms lists them.
func Rhythms() []Rhythm { return []Rhythm{Monthly, Quarterly, Yearly, Once} }

// months is the length of a rhythm; 0 = it does not come again.
func (r Rhythm) months() int {
	switch r {
	case Monthly:
		return 1
	case Quarterly:
		return 3
	case Yearly:
		return 12
	default:
		return 0
	}
}

// Category is what a tool is for.
type Category struct {
	Key   string
	Label string
}

// Categories lists what tools are for.
func Categories() []Category {
	return []Category{
		{"platform", "Community platform"},
		{"chat", "Chat"},
		{"events", "Events"},
		{"content", "Content and docs"},
		{"support", "Support desk"},
		{"crm", "CRM"},
		{"analytics", "Analytics"},
		{"surveys", "Surveys"},
		{"email", "E-mail"},
		{"social", "Social media"},
		{"code", "Code and issues"},
		{"automation", "Automation"},
		{"rewards", "Rewards and swag"},
		{"planning", "Planning"},
		{"product", "Product usage"},
		{"other", "Other"},
	}
}

// CategoryLabel is a category as people write it.
func CategoryLabel(key string) string {
	for _, c := range Categories() {
		if c.Key == key {
			return c.Label
		}
	}
	return key
}

// Draft is all that can be said of a tool.
type Draft struct {
	Name     string   `json:"name" doc:"What it is called; no two tools have the same name."`
	Purpose  string   `json:"purpose,omitempty" doc:"What the team has it for."`
	Category string   `json:"category" doc:"platform, chat, events, content, support, crm, analytics, surveys, email, social, code, automation, rewards, planning, product or other."`
	State    State    `json:"state" doc:"in_use, trial, wanted or retired."`
	Suits    []Stage  `json:"suits,omitempty" doc:"The phases of maturity that it suits: seed, grow, impact. Left out: any."`
	Owner    string   `json:"owner,omitempty" doc:"Who answers for it: a mail address, to be reminded of renewals."`
	Users    int      `json:"users,omitempty" doc:"How many people use it."`
	Cost     float64  `json:"cost,omitempty" doc:"What it costs each time, in its currency."`
	Currency string   `json:"currency,omitempty" doc:"Three letters, such as EUR."`
	Every    Rhythm   `json:"every,omitempty" doc:"How often the cost comes: month, quarter, year or once."`
	Renewal  string   `json:"renewal,omitempty" doc:"A day on which it renews, such as 2026-12-31; later ones follow from how often it is paid."`
	Notice   int      `json:"notice_days,omitempty" doc:"How many days before a renewal notice has to be given."`
	Contract string   `json:"contract,omitempty" doc:"Address of the contract."`
	Data     []string `json:"data,omitempty" doc:"The kinds of data that it holds."`
	Personal bool     `json:"personal,omitempty" doc:"It holds data about persons."`
	Region   string   `json:"region,omitempty" doc:"Where its data lie."`
	Sources  []string `json:"sources,omitempty" doc:"The sources by which it feeds Greenroom; their health is shown with it."`
	FromGR   bool     `json:"receives,omitempty" doc:"Greenroom writes to it."`
	Feeds    []Feed   `json:"feeds,omitempty" doc:"Other tools that it feeds."`
	Note     string   `json:"note,omitempty" doc:"What else is to be known."`
}

// Feed says that a tool gives data to another one.
type Feed struct {
	To   int64  `json:"to" doc:"The tool that is fed, by number."`
	What string `json:"what,omitempty" doc:"What goes there."`
}

// Tool is an entry of the inventory.
type Tool struct {
	ID      int64 `json:"id" doc:"The tool's number."`
	Version int64 `json:"version" doc:"Grows with every change; a change names the one that it was made from."`
	Draft
	CreatedBy string    `json:"created_by" doc:"Who entered it."`
	CreatedAt time.Time `json:"created_at" doc:"When."`
	ChangedBy string    `json:"changed_by,omitempty" doc:"Who changed it last."`
	ChangedAt time.Time `json:"changed_at,omitzero" doc:"When."`
	Before    *Before   `json:"before,omitempty" doc:"What it was before its last change, which can be taken back; left out where there is nothing to take back."`
}

// Before is what a tool was before its last change.
type Before struct {
	Draft     Draft     `json:"tool" doc:"What was said of it."`
	ChangedBy string    `json:"changed_by,omitempty" doc:"Who had changed it last."`
	ChangedAt time.Time `json:"changed_at,omitzero" doc:"When."`
}

// change says something else of a tool, and keeps what was said until then. Where it is the same, nothing changes.
func (t *Tool) change(d Draft, by string, at time.Time) {
	if !reflect.DeepEqual(t.Draft, d) {
		t.Before = &Before{Draft: t.Draft, ChangedBy: t.ChangedBy, ChangedAt: t.ChangedAt}
	}
	t.Draft, t.ChangedBy, t.ChangedAt = d, by, at
}

// EnteredOnly reports whether the tool was entered and nothing of it was changed since.
func (t *Tool) EnteredOnly() bool { return t.Version == 1 && t.Before == nil }

// Incident is something that went wrong with a tool.
type Incident struct {
	ID     int64     `json:"id" doc:"Its number."`
	ToolID int64     `json:"tool_id" doc:"The tool."`
	Source string    `json:"source,omitempty" doc:"The source that showed it; left out where a person wrote it."`
	From   time.Time `json:"from" doc:"When it was first seen."`
	To     time.Time `json:"to,omitzero" doc:"When it was over; left out while it is not."`
	Note   string    `json:"note" doc:"What happened."`
	By     string    `json:"by" doc:"Who wrote it down."`
}

// The most that texts and lists hold.
const (
	maxName  = 120
	maxText  = 10_000
	maxLine  = 300
	maxList  = 50
	maxTools = 2_000
	maxUsers = 10_000_000
	maxCost  = 1e12
	maxDays  = 1_000
)

func bad(format string, args ...any) error {
	return greenroom.Errorf(greenroom.CodeInvalid, format, args...)
}

// Validate says what is wrong with a draft, as an error of CodeInvalid, and fills in what is usual.
func (d *Draft) Validate() error {
	for _, text := range []*string{&d.Name, &d.Purpose, &d.Owner, &d.Currency, &d.Renewal, &d.Contract, &d.Region, &d.Note} {
		*text = strings.TrimSpace(*text)
	}
	d.Currency = strings.ToUpper(d.Currency)
	if d.State == "" {
		d.State = InUse
	}
	if d.Category == "" {
		d.Category = "other"
	}
	if d.Cost != 0 && d.Every == "" {
		d.Every = Yearly
	}
	switch {
	case d.Name == "" || utf8.RuneCountInString(d.Name) > maxName:
		return bad("a tool needs a name of at most %d characters", maxName)
	case CategoryLabel(d.Category) == d.Category:
		return bad("%q is no category of tools; %s are", d.Category, words(Categories()))
	case !slices.Contains(States(), d.State):
		return bad("a tool is in_use, trial, wanted or retired, not %q", d.State)
	case d.Users < 0 || d.Users > maxUsers:
		return bad("%d is no number of users", d.Users)
	}
	if err := d.checkTexts(); err != nil {
		return err
	}
	return d.checkMoney()
}

func words(all []Category) string {
	keys := make([]string, len(all))
	for i := range all {
		keys[i] = all[i].Key
	}
	return strings.Join(keys, ", ")
}

func (d *Draft) checkTexts() error {
	for _, text := range []string{d.Purpose, d.Note} {
		if utf8.RuneCountInString(text) > maxText {
			return bad("texts about a tool have at most %d characters", maxText)
		}
	}
	for _, text := range append(slices.Concat(d.Data, d.Sources), d.Owner, d.Contract, d.Region) {
		if utf8.RuneCountInString(text) > maxLine {
			return bad("%.20q… is longer than %d characters", text, maxLine)
		}
	}
	if len(d.Data) > maxList || len(d.Sources) > maxList || len(d.Feeds) > maxList {
		return bad("a tool has at most %d kinds of data, sources, and tools that it feeds", maxList)
	}
	for _, f := range d.Feeds {
		if utf8.RuneCountInString(f.What) > maxLine {
			return bad("what a tool feeds has at most %d characters", maxLine)
		}
	}
	for _, s := range d.Suits {
		if !slices.Contains(Stages(), s) {
			return bad("%q is no phase of maturity; they are seed, grow and impact", s)
		}
	}
	if d.Contract == "" {
		return nil
	}
	return webAddress(d.Contract)
}

// webAddress refuses what a browser should not be led to.
func webAddress(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return bad("%q is no address that begins with https://", text)
	}
	return nil
}

func (d *Draft) checkMoney() error {
	switch {
	case !(d.Cost >= 0 && d.Cost < maxCost):
		return bad("a tool costs nothing or more than that")
	case d.Every != "" && !slices.Contains(Rhythms(), d.Every):
		return bad("a cost comes each month, quarter or year, or once, not %q", d.Every)
	case d.Cost > 0 && d.Currency == "":
		return bad("a cost needs a currency, such as EUR")
	case d.Currency != "" && !currency(d.Currency):
		return bad("%q is no currency; write three letters, such as EUR", d.Currency)
	case d.Notice < 0 || d.Notice > maxDays:
		return bad("the days of notice before a renewal are from 0 to %d, not %d", maxDays, d.Notice)
	}
	if d.Renewal == "" {
		return nil
	}
	_, err := schedule.ParseDate(d.Renewal)
	return err
}

func currency(code string) bool {
	return len(code) == 3 && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}
