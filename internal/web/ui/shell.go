// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ui

// Shell is everything around a page's own content.
type Shell struct {
	Title     string // of the page, first in the browser's title
	Community string // name of the community, shown in the browser's title
	Nav       []NavSection
	Settings  []NavItem // at the foot of the rail
	User      User
	Bell      *Bell // what the person was told; nil leaves it out
	Banner    *Banner
	Flashes   []Flash
	Search    string // address that answers GET ?q= with SearchResults as JSON; empty leaves search out
	Bare      bool   // no rail: sign-in, invitation, error before sign-in
	Panes     bool   // content fills the window in panes (ui "panes" classes), instead of a column of 1280 px
}

// NavSection is a group of the rail, such as "Front of house"; Title may be empty.
type NavSection struct {
	Title string
	Items []NavItem
}

// NavItem is one place in the rail.
type NavItem struct {
	Label  string
	Href   string
	Active bool
	Count  string    // short figure beside the label, already formatted; empty for none
	Hot    bool      // the count asks for attention
	Note   string    // what the count means, for screen readers: "past target"
	More   []NavItem // places that belong to this one, folded away
	Open   bool      // the places below are unfolded, as somebody is at one of them
}

// Bell leads to what the person was told, with how much of it is new.
type Bell struct {
	Href   string
	Count  string // already formatted; empty for nothing new
	Active bool
}

// User is who is signed in. An empty Name leaves the block out.
type User struct {
	Name    string
	Role    string
	Seed    string // what the avatar's color comes from; the name if empty
	Href    string // account page
	SignOut string // address to POST to
}

// Banner is a bar above every page, such as "This is a sample community".
type Banner struct {
	Text   string
	Action *Action
}

// Level says how serious a message is.
type Level string

// The levels of a Flash or Toast.
const (
	LevelDone  Level = "done"
	LevelWarn  Level = "warn"
	LevelError Level = "error"
)

// Flash is a message about what was just done, with a way back.
type Flash struct {
	Level Level
	Text  string
	Undo  *Action // usually {Label: "Undo", Post: "/undo/42"}
}

// Toast is a Flash that a script shows after something was done in place. A handler sends it as the response header
// HX-Trigger: {"toast": …}; ToastHeader writes that.
type Toast struct {
	Level     Level  `json:"level,omitempty"`
	Text      string `json:"text"`
	UndoLabel string `json:"undo_label,omitempty"` // "Undo" if empty and UndoPost is set
	UndoPost  string `json:"undo_post,omitempty"`  // address to POST to
}

// Head is the top of a page: name, line below, actions.
type Head struct {
	Title    string
	Subtitle string
	Back     *Action // link above the title, to the list this came from
	Avatar   *Avatar
	Pills    []Pill
	Actions  []Action
	Find     bool // the large search button at the right
}
