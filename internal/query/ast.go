// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package query

// Query is a parsed text.
type Query struct {
	// Root is the condition; nil means everything.
	Root Node
	// Sort is the order asked for by sort:, most significant first; empty
	// where the text names none.
	Sort []Order
	// Text is what was parsed, as it was typed.
	Text string
}

// Order is one column to sort by.
type Order struct {
	Field *Field
	Desc  bool
}

// Node is a condition: one of *And, *Or, *Not, *Term, *Text, *Did.
type Node interface{ node() }

// And holds where all its nodes hold. It has at least two, none of them And.
type And struct{ Nodes []Node }

// Or holds where one of its nodes holds. It has at least two, none of them Or.
type Or struct{ Nodes []Node }

// Not holds where its node does not, also where that is because a field has no
// value: -country:DE takes in members without a country. The node is never a
// Not.
type Not struct{ Node Node }

// Op says how a term's field relates to its values.
type Op string

// The operators of a term.
const (
	// Has: the field has any value. No values.
	Has Op = "*"
	// Equal: the field is one of the values; one or more of them.
	Equal Op = "="
	// Less and the three after it compare with exactly one value. For a date
	// compared with a span ("<30d") they compare ages: see Term.Intervals.
	Less         Op = "<"
	LessEqual    Op = "<="
	Greater      Op = ">"
	GreaterEqual Op = ">="
	// Between: two values, both included; one of them may be FormNone, which
	// leaves that end open.
	Between Op = ".."
)

// Term is a condition on one field.
type Term struct {
	Field  *Field
	Op     Op
	Values []Value
	// Pos and End are the byte offsets of the term in the text.
	Pos, End int
}

// Text is full-text search: the entity's text contains the words of Words next
// to each other. A bare word is a phrase of one.
type Text struct {
	Words string
	// Prefix lets the last word go on: auth* finds authentication.
	Prefix bool
	// Pos and End are the byte offsets of the words in the text.
	Pos, End int
}

// Unlimited is the Max of a Did that sets no upper limit.
const Unlimited = -1

// Did is a condition on what a member, or an organization's members, have
// done: the number of their activities that fit lies between Min and Max.
type Did struct {
	// Kinds are the activity kinds that count; empty means all of them.
	Kinds []string
	// In are the channels that count and Source the sources; empty means all.
	// Both are FormText.
	In, Source []Value
	// Category and Sentiment are what the messages that count were read as;
	// empty means anything.
	Category, Sentiment []Value
	// Since and Until limit when, both included; FormNone sets no limit. See
	// Did.Interval.
	Since, Until Value
	// Min and Max limit the number, both included. Without count: they are 1
	// and Unlimited. Min 0 also takes in who did nothing that fits.
	Min, Max int
	// Pos and End are the byte offsets of the condition with its modifiers.
	Pos, End int
}

func (*And) node()  {}
func (*Or) node()   {}
func (*Not) node()  {}
func (*Term) node() {}
func (*Text) node() {}
func (*Did) node()  {}

// Form says which part of a Value is set.
type Form string

// The forms of a value.
const (
	// FormNone is no value: the open end of a range, or a limit not given.
	FormNone Form = ""
	// FormText sets Text and Prefix.
	FormText Form = "text"
	// FormNumber sets Number.
	FormNumber Form = "number"
	// FormDate sets Date.
	FormDate Form = "date"
	// FormSpan sets Span.
	FormSpan Form = "span"
)

// Value is one value of a term, read as its field's type asks: FormText for
// text, keywords, enums and flags (the last two spelled as in Field.Values),
// FormNumber for numbers, FormDate or FormSpan for dates, FormSpan for
// durations. A custom field has FormText with Equal, and FormNumber, FormDate
// or FormSpan where it is compared.
type Value struct {
	Form   Form
	Text   string
	Prefix bool // the field's value begins with Text
	Number float64
	Date   Date
	Span   Span
	// Pos and End are the byte offsets of the value in the text.
	Pos, End int
}

// AllOf joins conditions by and, in the normal form; nil ones are left out, and
// nil is returned where none is left.
func AllOf(nodes ...Node) Node {
	var flat []Node
	for _, n := range nodes {
		if and, ok := n.(*And); ok {
			flat = append(flat, and.Nodes...)
		} else if n != nil {
			flat = append(flat, n)
		}
	}
	switch len(flat) {
	case 0:
		return nil
	case 1:
		return flat[0]
	}
	return &And{Nodes: flat}
}

// AnyOf joins conditions by or, in the normal form. A nil condition is
// everything, and so is the result then, and where there are no conditions.
func AnyOf(nodes ...Node) Node {
	var flat []Node
	for _, n := range nodes {
		if n == nil {
			return nil
		}
		if or, ok := n.(*Or); ok {
			flat = append(flat, or.Nodes...)
		} else {
			flat = append(flat, n)
		}
	}
	switch len(flat) {
	case 0:
		return nil
	case 1:
		return flat[0]
	}
	return &Or{Nodes: flat}
}

// Negate turns a condition around. It must not be nil: nothing is the
// opposite of everything, and no query says that.
func Negate(n Node) Node {
	if not, ok := n.(*Not); ok {
		return not.Node
	}
	return &Not{Node: n}
}

// Walk calls visit for n and, where visit returns true, for the nodes in it,
// in the order of the text.
func Walk(n Node, visit func(Node) bool) {
	if n == nil || !visit(n) {
		return
	}
	switch n := n.(type) {
	case *And:
		for _, c := range n.Nodes {
			Walk(c, visit)
		}
	case *Or:
		for _, c := range n.Nodes {
			Walk(c, visit)
		}
	case *Not:
		Walk(n.Node, visit)
	}
}
