// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"net/url"
	"unicode/utf16"

	"greenroom"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/web/ui"
)

// listView is a list page's query as it was asked for.
type listView struct {
	text   string
	parsed *query.Query // nil when the text has a mistake
	box    ui.QueryBox
	path   string
	entity query.Entity
}

// listView reads ?q= and prepares the query box. The text is kept as typed, mistakes included.
func (s *Site) listView(r *http.Request, entity query.Entity, label, placeholder string, examples ...[2]string) *listView {
	v := &listView{text: r.URL.Query().Get("q"), path: r.URL.Path, entity: entity}
	v.box = ui.QueryBox{
		Label: label, Value: v.text, Action: v.path, Suggest: "/suggest/" + string(entity), Placeholder: placeholder,
	}
	for _, e := range examples {
		v.box.Examples = append(v.box.Examples, ui.Segment{Label: e[0], Href: v.path + "?q=" + url.QueryEscape(e[1]), Active: v.text == e[1]})
	}
	q, err := query.Parse(s.schemas[entity], v.text)
	if err == nil {
		v.parsed = q
		return v
	}
	v.box.Error = queryError(v.text, err)
	return v
}

// queryError says what is wrong with a query, and where.
func queryError(text string, err error) *ui.QueryError {
	wrong := &ui.QueryError{Query: text, Message: sentence(err.Error())}
	if e, ok := err.(*query.Error); ok { //nolint:errorlint // Parse returns it as it is
		wrong.Offset, wrong.Message = e.Pos, sentence(e.Message)
		if e.Suggestion != "" {
			wrong.Fixed = e.Fix()
		}
	}
	return wrong
}

// request is the page of the list that was asked for.
func (v *listView) request(r *http.Request) list.Request {
	return list.Request{Query: v.parsed, Cursor: r.URL.Query().Get("at"), Count: true}
}

// href is the address of this list with another query.
func (v *listView) href(q string) string { return v.path + "?q=" + url.QueryEscape(q) }

// sortBy is the address that sorts the list by a field, the other way round when it is already.
func (v *listView) sortBy(name string, descFirst bool) (href string, now ui.Sort) {
	q := v.parsed
	if q == nil {
		return "", ui.Unsorted
	}
	desc := descFirst
	if len(q.Sort) > 0 && q.Sort[0].Field.Name == name {
		desc = !q.Sort[0].Desc
		now = ui.Ascending
		if q.Sort[0].Desc {
			now = ui.Descending
		}
	}
	prefix := "sort:"
	if desc {
		prefix = "sort:-"
	}
	text := ""
	if q.Root != nil {
		text = query.Format(q.Root) + " "
	}
	return v.href(text + prefix + name), now
}

// pager is the foot of the list.
func (v *listView) pager(next, prev string, shown int, total int64) *ui.Pager {
	at := func(cursor string) string {
		if cursor == "" {
			return ""
		}
		return v.path + "?" + url.Values{"q": {v.text}, "at": {cursor}}.Encode()
	}
	p := &ui.Pager{Newer: at(prev), Older: at(next), Text: totalText(int64(shown), total)}
	if next == "" && prev == "" {
		p.Text = ui.Number(shown) + " in all"
	}
	return p
}

// totalText says how many there are, honestly where counting stopped.
func totalText(shown, total int64) string {
	switch {
	case total < 0:
		return ui.Number(int(shown)) + " shown"
	case total > list.CountLimit:
		return ui.Number(int(shown)) + " shown of more than " + ui.Number(list.CountLimit)
	default:
		return ui.Number(int(shown)) + " shown of " + ui.Number(int(total))
	}
}

// countText is a total for a subtitle.
func countText(total int64, one, many string) string {
	switch {
	case total == 1:
		return "1 " + one
	case total > list.CountLimit:
		return "more than " + ui.Number(list.CountLimit) + " " + many
	default:
		return ui.Number(int(max(total, 0))) + " " + many
	}
}

// addSuggest answers what could stand at the cursor of a query box.
func (s *Site) suggest(w http.ResponseWriter, r *http.Request) error {
	schema := s.schemas[query.Entity(r.PathValue("entity"))]
	if schema == nil {
		return greenroom.Errorf(greenroom.CodeNotFound, "there is no such list")
	}
	text := r.URL.Query().Get("q")
	at := byteOffset(text, r.URL.Query().Get("at"))
	const most = 8
	found := query.Suggest(schema, text, at, func(f *query.Field, prefix string) []string {
		values, err := s.cfg.Finder.Lookup(r.Context(), f, prefix, most)
		if err != nil {
			s.cfg.Log.Warn("looking up suggestions", "error", err)
		}
		return values
	})
	out := ui.Suggestions{Items: []ui.Suggestion{}}
	for i, f := range found {
		if i == 0 {
			out.From, out.To = utf16Length(text[:f.From]), utf16Length(text[:f.To])
		}
		if i >= most || f.From != found[0].From || f.To != found[0].To {
			break
		}
		out.Items = append(out.Items, ui.Suggestion{Insert: f.Insert, Note: f.Doc})
	}
	return writeJSON(w, out)
}

func utf16Length(s string) int { return len(utf16.Encode([]rune(s))) }

// byteOffset turns a browser's cursor, counted in UTF-16 units, into a byte offset.
func byteOffset(text, at string) int {
	n := 0
	for _, c := range at {
		if c < '0' || c > '9' || n > 1<<20 {
			return len(text)
		}
		n = n*10 + int(c-'0')
	}
	if at == "" {
		return len(text)
	}
	units := 0
	for i, r := range text {
		if units >= n {
			return i
		}
		units += utf16.RuneLen(r)
	}
	return len(text)
}
