// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package query_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"greenroom/internal/query"
)

// kinds stands for the closed list that the vocabulary defines.
func kinds() []string {
	return []string{"message", "reply", "question", "answer", "accepted_answer", "reaction", "issue", "pull_request", "star"}
}

func schemas() map[query.Entity]*query.Schema {
	all := map[query.Entity]*query.Schema{}
	for _, e := range query.Entities() {
		all[e] = query.NewSchema(e, kinds())
	}
	return all
}

// ignorePositions compares trees by what they mean.
func ignorePositions() cmp.Options {
	return cmp.Options{
		cmpopts.IgnoreFields(query.Term{}, "Pos", "End"),
		cmpopts.IgnoreFields(query.Text{}, "Pos", "End"),
		cmpopts.IgnoreFields(query.Did{}, "Pos", "End"),
		cmpopts.IgnoreFields(query.Value{}, "Pos", "End"),
	}
}

// dump writes a tree so that nothing of its structure is implied.
func dump(n query.Node) string {
	group := func(op string, nodes []query.Node) string {
		var parts []string
		for _, c := range nodes {
			parts = append(parts, dump(c))
		}
		return op + "(" + strings.Join(parts, ", ") + ")"
	}
	switch n := n.(type) {
	case *query.And:
		return group("and", n.Nodes)
	case *query.Or:
		return group("or", n.Nodes)
	case *query.Not:
		return "not(" + dump(n.Node) + ")"
	case *query.Text:
		return fmt.Sprintf("text %q%s", n.Words, star(n.Prefix))
	case *query.Term:
		return fmt.Sprintf("%s.%s %s%s", n.Field.Owner, n.Field.Attr, n.Op, dumpValues(n.Values))
	case *query.Did:
		var said strings.Builder
		for _, t := range n.Said() {
			said.WriteString(" " + dump(t))
		}
		return fmt.Sprintf("did%q in[%s] source[%s]"+said.String()+" since[%s] until[%s] %d..%d", n.Kinds, dumpValues(n.In), dumpValues(n.Source),
			dumpValues([]query.Value{n.Since}), dumpValues([]query.Value{n.Until}), n.Min, n.Max)
	case nil:
		return "everything"
	}
	return "?"
}

func star(prefix bool) string {
	if prefix {
		return "*"
	}
	return ""
}

func dumpValues(values []query.Value) string {
	var b strings.Builder
	for _, v := range values {
		switch v.Form {
		case query.FormText:
			fmt.Fprintf(&b, " %q%s", v.Text, star(v.Prefix))
		case query.FormNumber:
			fmt.Fprintf(&b, " %g", v.Number)
		case query.FormDate:
			fmt.Fprintf(&b, " date %s", v.Date)
		case query.FormSpan:
			fmt.Fprintf(&b, " span %s", v.Span)
		case query.FormNone:
			b.WriteString(" -")
		}
	}
	return b.String()
}

func TestParse(t *testing.T) {
	const m, o, a, c = query.Members, query.Organizations, query.Activities, query.Conversations
	tests := []struct {
		entity query.Entity
		text   string
		tree   string
		print  string // "" where it is the text itself
		fails  bool
	}{
		// What the tree looks like.
		{entity: m, text: "", tree: `everything`},
		{entity: m, text: " \t ", tree: `everything`, print: "<empty>"},
		{entity: m, text: "maria", tree: `text "maria"`},
		{entity: m, text: "maria lopez", tree: `and(text "maria", text "lopez")`},
		{entity: m, text: `"single sign-on" auth*`, tree: `and(text "single sign-on", text "auth"*)`},
		{entity: m, text: `“pretty quotes” „auch so“`, tree: `and(text "pretty quotes", text "auch so")`, print: `"pretty quotes" "auch so"`},
		{entity: m, text: `"say \"hi\" \\ \n"`, tree: `text "say \"hi\" \\ \\n"`, print: `"say \"hi\" \\ \\n"`},
		{entity: m, text: "a b or c", tree: `or(and(text "a", text "b"), text "c")`},
		{entity: m, text: "a (b OR c) AND d", tree: `and(text "a", or(text "b", text "c"), text "d")`, print: "a (b or c) d"},
		{entity: m, text: "((a (b c)) or (d or e))", tree: `or(and(text "a", text "b", text "c"), text "d", text "e")`, print: "a b c or d or e"},
		{entity: m, text: "-a not b not -c - (d e)", fails: true},
		{entity: m, text: "-a not b not -c -(d e) -(f or g)", tree: `and(not(text "a"), not(text "b"), text "c", not(and(text "d", text "e")), not(or(text "f", text "g")))`, print: "-a -b c -(d e) -(f or g)"},
		{entity: m, text: "a(b)c", tree: `and(text "a", text "b", text "c")`, print: "a b c"},
		{entity: m, text: `re-use 10:30 a>b C++ https://example.com/a:b :wave:`, tree: `and(text "re-use", text "10:30", text "a>b", text "C++", text "https://example.com/a:b", text ":wave:")`, print: `re-use "10:30" "a>b" C++ "https://example.com/a:b" ":wave:"`},
		{entity: m, text: `"or" "NOT" "and" orbit`, tree: `and(text "or", text "NOT", text "and", text "orbit")`},

		// Text and keywords.
		{entity: m, text: "name:mar* email:a@example.com,b@example.com", tree: `and(members.name = "mar"*, members.email = "a@example.com" "b@example.com")`},
		{entity: m, text: `org:"Blue Harbor","Acme, Inc."*`, tree: `organizations.name = "Blue Harbor" "Acme, Inc."*`},
		{entity: m, text: `Organization:acme COMPANY:x org.name:y`, tree: `and(organizations.name = "acme", organizations.name = "x", organizations.name = "y")`, print: "org:acme org:x org:y"},
		{entity: m, text: "handle:@maria channel:#help in:general", tree: `and(members.handle = "maria", members.channel = "help", members.channel = "general")`, print: "handle:maria channel:help channel:general"},
		{entity: m, text: "has:email -has:org,tag", tree: `and(members.email *, not(or(organizations.name *, members.tag *)))`, print: "has:email -(has:org or has:tag)"},
		{entity: m, text: "email:* -country:* last_active:*", tree: `and(members.email *, not(members.country *), members.last_active *)`, print: "has:email -has:country last_active:*"},
		{entity: m, text: `tag:"-5" tag:"a*b" tag:"#x" tag:a\b tag:x..y tag:"*"`, tree: `and(members.tag = "-5", members.tag = "a*b", members.tag = "#x", members.tag = "a\\b", members.tag = "x..y", members.tag = "*")`},
		{entity: m, text: "country=DE", tree: `members.country = "DE"`, print: "country:DE"},
		{entity: m, text: "tag:日本語,ñandú", tree: `members.tag = "日本語" "ñandú"`},

		// Closed lists.
		{entity: m, text: "is:Staff,BOT", tree: `members.is = "staff" "bot"`, print: "is:staff,bot"},
		{entity: m, text: "org.lifecycle:trial,customer", tree: `organizations.lifecycle = "trial" "customer"`},
		{entity: a, text: `kind:Pull-Request,"accepted answer"`, tree: `activities.kind = "pull_request" "accepted_answer"`, print: "kind:pull_request,accepted_answer"},
		{entity: c, text: "is:question is:waiting -is:answered state:open", tree: `and(conversations.is = "question", conversations.is = "waiting", not(conversations.is = "answered"), conversations.state = "open")`},

		// Numbers.
		{entity: m, text: "activities:>=10 activities:<2.50 identities:1,2", tree: `and(members.activities >= 10, members.activities < 2.5, members.identities = 1 2)`, print: "activities:>=10 activities:<2.5 identities:1,2"},
		{entity: m, text: "activities>3 activities<=5 activities=4 activities≥2", tree: `and(members.activities > 3, members.activities <= 5, members.activities = 4, members.activities >= 2)`, print: "activities:>3 activities:<=5 activities:4 activities:>=2"},
		{entity: o, text: "size:10..20 members:5.. activities:..7", tree: `and(organizations.size .. 10 20, organizations.members .. 5 -, organizations.activities .. - 7)`},
		{entity: m, text: "activities:-0 activities:007", tree: `and(members.activities = 0, members.activities = 7)`, print: "activities:0 activities:7"},

		// Dates and durations.
		{entity: m, text: "last_active:<30d Last-Active:>6MO", tree: `and(members.last_active < span 30d, members.last_active > span 6mo)`, print: "last_active:<30d last_active:>6mo"},
		{entity: m, text: "first_active:2026-01,2025 joined:today", tree: `and(members.first_active = date 2026-01 date 2025, members.joined = date today)`},
		{entity: a, text: "occurred:2026-01-01..2026-03-31 occurred:2026.. occurred:30d..today", tree: `and(activities.occurred .. date 2026-01-01 date 2026-03-31, activities.occurred .. date 2026 -, activities.occurred .. span 30d date today)`},
		{entity: a, text: "occurred:>=2026-01-31T10:00Z occurred:<2026-01-31t10:00:05+02:00", tree: `and(activities.occurred >= date 2026-01-31T10:00Z, activities.occurred < date 2026-01-31T10:00:05+02:00)`, print: "occurred:>=2026-01-31T10:00Z occurred:<2026-01-31T10:00:05+02:00"},
		{entity: a, text: "since:30d until:7d since:2026-01 until:yesterday", tree: `and(activities.occurred <= span 30d, activities.occurred >= span 7d, activities.occurred >= date 2026-01, activities.occurred <= date yesterday)`, print: "occurred:<=30d occurred:>=7d occurred:>=2026-01 occurred:<=yesterday"},
		{entity: c, text: "since:12h first_response:>24h waiting:30m..2h", tree: `and(conversations.opened <= span 12h, conversations.first_response > span 24h, conversations.waiting .. span 30min span 2h)`, print: "opened:<=12h first_response:>24h waiting:30min..2h"},

		// What is reached through the author and the organization.
		{entity: a, text: "member.tag:x tag:x member.last_active:<7d org.domain:@acme.com country:DE", tree: `and(members.tag = "x", members.tag = "x", members.last_active < span 7d, organizations.domain = "acme.com", members.country = "DE")`, print: "tag:x tag:x member.last_active:<7d org.domain:acme.com country:DE"},
		{entity: c, text: "member.is:new by:maria org:acme member.field.role:admin", tree: `and(members.is = "new", conversations.author = "maria", organizations.name = "acme", members.role = "admin")`, print: "member.is:new author:maria org:acme member.field.role:admin"},

		// Custom fields.
		{entity: m, text: "field.team_size:>10 field.Plan:pro,team field.plan:2026 org.field.arr:1000..2000", tree: `and(members.team_size > 10, members.plan = "pro" "team", members.plan = "2026", organizations.arr .. 1000 2000)`, print: "field.team_size:>10 field.plan:pro,team field.plan:2026 org.field.arr:1000..2000"},
		{entity: m, text: `field.renewal:>=2026-01-01 field.renewal:<30d field.version:a..b field.version:"1..2"`, tree: `and(members.renewal >= date 2026-01-01, members.renewal < span 30d, members.version = "a..b", members.version = "1..2")`, print: `field.renewal:>=2026-01-01 field.renewal:<30d field.version:"a..b" field.version:"1..2"`},

		// What members did.
		{entity: m, text: "did:question in:#help since:30d count:>=3", tree: `did["question"] in[ "help"] source[] since[ span 30d] until[ -] 3..-1`, print: "did:question in:help since:30d count:>=3"},
		{entity: m, text: "-did:message since:90d tag:x", tree: `and(not(did["message"] in[] source[] since[ span 90d] until[ -] 1..-1), members.tag = "x")`},
		{entity: o, text: "did:* count<3", tree: `did[] in[] source[] since[ -] until[ -] 0..2`, print: "did:* count:<=2"},
		{entity: m, text: "did:answer,accepted_answer source:slack,discourse until:2026-03 count:2..5", tree: `did["answer" "accepted_answer"] in[] source[ "slack" "discourse"] since[ -] until[ date 2026-03] 2..5`},
		{entity: m, text: "did:star count:0 did:issue count:>1", tree: `and(did["star"] in[] source[] since[ -] until[ -] 0..0, did["issue"] in[] source[] since[ -] until[ -] 2..-1)`, print: "did:star count:0 did:issue count:>=2"},
		{entity: m, text: "did:* category:bug,feature sentiment:negative in:#help count:>=2", tree: `did[] in[ "help"] source[] activities.category = "bug" "feature" activities.sentiment = "negative" since[ -] until[ -] 2..-1`, print: "did:* in:help category:bug,feature sentiment:negative count:>=2"},
		{entity: m, text: "source:slack did:star", tree: `and(members.source = "slack", did["star"] in[] source[] since[ -] until[ -] 1..-1)`},
		{entity: m, text: "(did:star) source:slack -(did:issue) -channel:#x", tree: `and(did["star"] in[] source[] since[ -] until[ -] 1..-1, members.source = "slack", not(did["issue"] in[] source[] since[ -] until[ -] 1..-1), not(members.channel = "x"))`, print: "did:star and source:slack -did:issue and -channel:x"},
		{entity: m, text: "did:star and source:slack or did:star or source:x", tree: `or(and(did["star"] in[] source[] since[ -] until[ -] 1..-1, members.source = "slack"), did["star"] in[] source[] since[ -] until[ -] 1..-1, members.source = "x")`, print: "did:star and source:slack or did:star or source:x"},
	}
	all := schemas()
	for _, tt := range tests {
		q, err := query.Parse(all[tt.entity], tt.text)
		if tt.fails {
			if err == nil {
				t.Errorf("%s: Parse(%q) = %s, want an error", tt.entity, tt.text, dump(q.Root))
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: Parse(%q): %v", tt.entity, tt.text, err)
			continue
		}
		if diff := cmp.Diff(tt.tree, dump(q.Root)); diff != "" {
			t.Errorf("%s: Parse(%q) (-want +got)\n%s", tt.entity, tt.text, diff)
		}
		want := tt.print
		switch want {
		case "":
			want = tt.text
		case "<empty>":
			want = ""
		}
		if got := q.String(); got != want {
			t.Errorf("%s: Parse(%q).String()\n got %s\nwant %s", tt.entity, tt.text, got, want)
		}
		if q.Text != tt.text {
			t.Errorf("Text = %q, want %q", q.Text, tt.text)
		}
	}
}

func TestSort(t *testing.T) {
	tests := []struct{ text, order, print string }{
		{"sort:last_active", "last_active up", "sort:last_active"},
		{"sort:-activities,name tag:x", "activities down, name up", "tag:x sort:-activities,name"},
		{"sort:-Last-Seen a or b sort:name", "last_active down, name up", "a or b sort:-last_active,name"},
	}
	s := query.NewSchema(query.Members, kinds())
	for _, tt := range tests {
		q, err := query.Parse(s, tt.text)
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.text, err)
			continue
		}
		var order []string
		for _, o := range q.Sort {
			order = append(order, o.Field.Name+map[bool]string{true: " down", false: " up"}[o.Desc])
		}
		if got := strings.Join(order, ", "); got != tt.order {
			t.Errorf("Parse(%q) sorts by %s, want %s", tt.text, got, tt.order)
		}
		if got := q.String(); got != tt.print {
			t.Errorf("Parse(%q).String() = %q, want %q", tt.text, got, tt.print)
		}
	}
}

func TestPositions(t *testing.T) {
	text := `é -name:"ab c" (did:star in:#x) word*`
	q, err := query.Parse(query.NewSchema(query.Members, kinds()), text)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	query.Walk(q.Root, func(n query.Node) bool {
		switch n := n.(type) {
		case *query.Term:
			got = append(got, text[n.Pos:n.End], text[n.Values[0].Pos:n.Values[0].End])
		case *query.Text:
			got = append(got, text[n.Pos:n.End])
		case *query.Did:
			got = append(got, text[n.Pos:n.End])
		}
		return true
	})
	want := []string{"é", `name:"ab c"`, `"ab c"`, "did:star in:#x", "word*"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("positions (-want +got)\n%s", diff)
	}
}

func TestNormalForm(t *testing.T) {
	x, y, z := &query.Text{Words: "x"}, &query.Text{Words: "y"}, &query.Text{Words: "z"}
	tests := []struct {
		node query.Node
		want string
	}{
		{query.AllOf(), "everything"},
		{query.AllOf(nil, x, nil), `text "x"`},
		{query.AllOf(query.AllOf(x, y), z), `and(text "x", text "y", text "z")`},
		{query.AnyOf(x, query.AnyOf(y, z)), `or(text "x", text "y", text "z")`},
		{query.AnyOf(x, nil), "everything"},
		{query.AnyOf(), "everything"},
		{query.Negate(query.Negate(x)), `text "x"`},
	}
	for _, tt := range tests {
		if got := dump(tt.node); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}
