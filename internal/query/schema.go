// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"slices"
	"strings"
	"unicode"
)

// Entity is what a query is about.
type Entity string

// The four entities.
const (
	Members       Entity = "members"
	Organizations Entity = "organizations"
	Activities    Entity = "activities"
	Conversations Entity = "conversations"
)

// Entities lists all of them, in the order of the documentation.
func Entities() []Entity {
	return []Entity{Members, Organizations, Activities, Conversations}
}

// Type says what the values of a field are and how they compare.
type Type string

// The types of a field.
const (
	// TypeText is free text: a value matches where the text contains it,
	// without regard to case.
	TypeText Type = "text"
	// TypeKeyword is a name or an identifier: a value matches where it is the
	// whole of it, without regard to case.
	TypeKeyword Type = "keyword"
	// TypeNumber is a number.
	TypeNumber Type = "number"
	// TypeDate is a point in time.
	TypeDate Type = "date"
	// TypeDuration is a length of time.
	TypeDuration Type = "duration"
	// TypeFlag is is: and has:, a closed list of yes-or-no questions.
	TypeFlag Type = "flag"
	// TypeEnum is one of a closed list.
	TypeEnum Type = "enum"
	// TypeCustom is a field that the team defined; its type is not known here.
	TypeCustom Type = "custom"
	// TypeDid is did:, which parses to a Did and never to a Term.
	TypeDid Type = "did"
)

// Field is something that can be asked about.
type Field struct {
	// Name is how the field is written in canonical text: "last_active",
	// "org.lifecycle", "field.team_size".
	Name string
	// Aliases are other ways to write it.
	Aliases []string
	// Owner and Attr say whose property it is and what it is called there, the
	// same however the field was reached: country of an activity's author is
	// (Members, "country") whether written country or member.country. For a
	// custom field Attr is the name after "field.".
	Owner Entity
	Attr  string
	Type  Type
	// Values is the closed list of a flag or an enum.
	Values []string
	// Sigil is a character that may stand before a value and is left out of
	// it: "#" for channels, "@" for handles.
	Sigil string
	// Doc is one sentence for people, Example a whole term that uses it.
	Doc, Example string
	// Optional fields are often empty: has:NAME works for them.
	Optional bool
	// Sortable fields can stand in sort:.
	Sortable bool
}

// Schema is the list of fields of an entity. It does not change and can be
// used by several goroutines.
type Schema struct {
	entity Entity
	fields []*Field
	byName map[string]*Field
	folded map[string]bool // the names by their letters alone
}

// customName is the name under which custom fields stand in the list of
// fields; NAME is a placeholder.
const customName = "field.NAME"

// NewSchema builds the schema of an entity. Kinds is the closed list of
// activity kinds, as the vocabulary spells them.
func NewSchema(e Entity, kinds []string) *Schema {
	s := &Schema{entity: e, byName: map[string]*Field{}, folded: map[string]bool{}}
	for _, f := range ownFields(e, slices.Clone(kinds)) {
		s.add(f)
	}
	switch e {
	case Members:
		s.relate("org", Organizations)
	case Activities, Conversations:
		s.relate("member", Members)
		s.relate("org", Organizations)
	case Organizations:
	}
	return s
}

// ownFields lists the fields of an entity without those of related entities.
func ownFields(e Entity, kinds []string) []*Field {
	var fields []*Field
	switch e {
	case Members:
		fields = memberFields(kinds)
	case Organizations:
		fields = organizationFields(kinds)
	case Activities:
		fields = activityFields(kinds)
	case Conversations:
		fields = conversationFields(kinds)
	}
	has := &Field{
		Name: "has", Type: TypeFlag, Doc: "Has a value in that field; the same as FIELD:*.",
	}
	for _, f := range fields {
		if f.Owner == "" {
			f.Owner = e
		}
		if f.Attr == "" {
			f.Attr = f.Name
		}
		if f.Optional {
			has.Values = append(has.Values, f.Name)
		}
	}
	has.Owner, has.Attr, has.Example = e, "has", "has:"+has.Values[0]
	return append(fields, has)
}

func (s *Schema) add(f *Field) {
	s.fields = append(s.fields, f)
	for _, name := range append([]string{f.Name}, f.Aliases...) {
		s.byName[name] = f
		s.folded[letters(name)] = true
	}
}

// relate adds the fields of a related entity under prefix. What is reachable
// already by a shorter name, what belongs to a third entity and what is not a
// property (did:, has:) is left out.
func (s *Schema) relate(prefix string, e Entity) {
	for _, f := range ownFields(e, nil) {
		name := prefix + "." + f.Name
		if s.byName[name] != nil || f.Owner != e || f.Type == TypeDid || f.Name == "has" {
			continue
		}
		f.Name, f.Example = name, prefix+"."+f.Example
		for i, a := range f.Aliases {
			f.Aliases[i] = prefix + "." + a
		}
		f.Optional, f.Sortable = false, false
		s.add(f)
	}
}

// Entity is what the schema is about.
func (s *Schema) Entity() Entity { return s.entity }

// Fields lists the fields: the entity's own, the most used first, then those
// of related entities. Custom fields stand there once, as "field.NAME".
func (s *Schema) Fields() []*Field { return s.fields }

// Field finds a field by name or alias, without regard to case and with - for
// _; false where there is none. Any well-formed name after "field." is one.
func (s *Schema) Field(name string) (*Field, bool) {
	if f, ok := s.byName[strings.ReplaceAll(strings.ToLower(name), "-", "_")]; ok {
		return f, true
	}
	return s.custom(strings.ToLower(name))
}

// custom makes the field for field.NAME, org.field.NAME or member.field.NAME.
func (s *Schema) custom(name string) (*Field, bool) {
	prefix, attr, ok := strings.Cut(name, "field.")
	if !ok {
		return nil, false
	}
	base, ok := s.byName[prefix+customName]
	if !ok || attr == "" || strings.ContainsFunc(attr, func(r rune) bool { return r == '.' || !nameRune(r) }) {
		return nil, false
	}
	f := *base
	f.Name, f.Attr, f.Example = name, attr, name+":*"
	return &f, true
}

// Sortable lists the names that can stand in sort:.
func (s *Schema) Sortable() []string {
	var names []string
	for _, f := range s.fields {
		if f.Sortable {
			names = append(names, f.Name)
		}
	}
	return names
}

// names lists every name and alias.
func (s *Schema) names() []string {
	var names []string
	for _, f := range s.fields {
		names = append(append(names, f.Name), f.Aliases...)
	}
	return names
}

// nameRune reports whether r can stand in the name of a field.
func nameRune(r rune) bool {
	return r == '_' || r == '-' || r == '.' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}
