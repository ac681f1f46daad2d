// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ui

import "slices"

// Option is one choice of a select or radio field.
type Option struct {
	Value string
	Label string
}

// Field is one labeled input of a form. Type is an HTML input type, or "textarea", "select", "radio" or "checkbox".
type Field struct {
	Name         string
	Label        string
	Type         string // "text" if empty
	Value        string // for checkbox: what is sent, "on" if empty
	Checked      bool   // checkbox only
	Help         string
	Error        string // shown below and announced
	Placeholder  string // an example, never the only label
	Autocomplete string
	Options      []Option // select, radio
	Required     bool
	Disabled     bool
	OneOf        bool   // several fields of the form say the same thing and one is enough: not marked as optional
	Choose       string // address that answers GET ?q= with Choices: what fits is offered while typing
	MaxBytes     int64  // "file" only: the size that a file may have; 0 = any
	Rows         int    // "textarea" only: how many lines it shows; 0 = a few
	TooLarge     string // what is said of a larger one before it is sent
	Zones        bool   // the names of time zones that the browser knows are offered
	Prefix       string // goes before the name in the element's id, where two forms of a page share names
}

// ID is the input's id in the page.
func (f Field) ID() string { return "f-" + f.Prefix + f.Name }

// Optional says whether the label tells that the field may stay empty. A choice always has a value.
func (f Field) Optional() bool { return !f.Required && !f.OneOf && f.Type != "select" }

// DescribedBy lists the ids of the texts that explain the input.
func (f Field) DescribedBy() string {
	switch {
	case f.Error != "" && f.Help != "":
		return f.ID() + "-error " + f.ID() + "-help"
	case f.Error != "":
		return f.ID() + "-error"
	case f.Help != "":
		return f.ID() + "-help"
	default:
		return ""
	}
}

// Form is a form that posts its fields and loads the answer as a page.
type Form struct {
	Post    string
	Get     string // instead of Post: fields go into the address
	Upload  bool   // fields of type "file" are sent
	Hidden  []Hidden
	Error   string // about the form as a whole
	Fields  []Field
	More    []Field  // fields that few need, folded away
	Actions []Action // usually one with Submit, and a link back
}

// MoreOpen says whether the folded fields are shown at once: when one of them has an error, or the form as a whole, whose
// cause may be among them.
func (f Form) MoreOpen() bool {
	return f.Error != "" || slices.ContainsFunc(f.More, func(m Field) bool { return m.Error != "" })
}

// Choices is what a field's Choose address answers.
type Choices struct {
	Items []Choice `json:"items"`
}

// Choice is one thing to choose: what the field then holds, and how it is told apart.
type Choice struct {
	Value string `json:"value"`
	Label string `json:"label"`
	Note  string `json:"note,omitempty"`
}

// Dialog is a native dialog with a form in it; an Action with its ID opens it.
type Dialog struct {
	ID    string
	Title string
	Text  string
	Form  Form // its Actions stand at the foot, after "Cancel"
}
