// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ui

// Label says what something was judged to be. Where Post is set a person can say otherwise: the chips open a menu of
// choices, each of which is one press; with Flat the choices stand open, and with a row's keys can be chosen by a key.
type Label struct {
	ID      string // unique on the page
	Name    string // what is labeled, for screen readers: "Message by Ana"
	Chips   []Pill
	Post    string // "" = it can only be looked at
	Hidden  []Hidden
	Flat    bool
	Choices []LabelChoices
}

// LabelChoices are the values of one thing that can be said.
type LabelChoices struct {
	Title string // "It is", "It feels"
	Field string // the form field's name
	Items []LabelChoice
}

// LabelChoice is one of them.
type LabelChoice struct {
	Value, Text string
	Key         string // single key that chooses it in the current row of a list; only with Flat
	Current     bool   // it is what holds
}
