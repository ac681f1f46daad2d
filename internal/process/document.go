// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package process

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"strings"
	"time"

	"greenroom"
)

// DocumentKind is what a document is for.
type DocumentKind string

// The kinds of documents.
const (
	HiringCase       DocumentKind = "hiring_case"
	DivisionOfLabour DocumentKind = "division_of_labor"
)

// DocumentKinds lists them.
func DocumentKinds() []DocumentKind { return []DocumentKind{HiringCase, DivisionOfLabour} }

// Label is the kind as people read it.
func (k DocumentKind) Label() string {
	if k == HiringCase {
		return "Hiring case"
	}
	return "Division of labor"
}

// Document is made from processes and the team, and frozen: what it says stays as it was on its day.
type Document struct {
	ID       int64        `json:"id" doc:"The document's number; 0 = a preview."`
	Kind     DocumentKind `json:"kind" doc:"What it is for."`
	Title    string       `json:"title" doc:"One line."`
	By       string       `json:"by" doc:"Who froze it."`
	At       time.Time    `json:"at" doc:"The moment whose data it has."`
	Sections []Section    `json:"sections,omitempty" doc:"What it says."`
	Data     *Frozen      `json:"data,omitempty" doc:"What it was made from."`
}

// Frozen is what a document was made from.
type Frozen struct {
	Sum      Sum         `json:"sum" doc:"The workload."`
	Capacity Capacity    `json:"capacity" doc:"The team's work against its time."`
	Roles    []RoleShare `json:"roles" doc:"Who does what."`
	Hiring   *Hiring     `json:"hiring,omitempty" doc:"Of a hiring case: what it was asked with."`
}

// Section is a part of a document.
type Section struct {
	Title string     `json:"title" doc:"Its heading."`
	Text  []string   `json:"text,omitempty" doc:"Paragraphs."`
	Head  []string   `json:"head,omitempty" doc:"Of its table: the columns."`
	Rows  [][]string `json:"rows,omitempty" doc:"Of its table: the rows."`
	List  []string   `json:"list,omitempty" doc:"A list."`
}

// Hiring is what a hiring case is asked with.
type Hiring struct {
	Role     string  `json:"role" doc:"Who is to be hired."`
	Week     float64 `json:"week" doc:"Hours a week of the post; 0 = 40."`
	Growth   Range   `json:"growth" doc:"By how much runs grow a month, as a share: 0.03 = 3 %."`
	Cost     Range   `json:"cost" doc:"What the post costs a month, all included; 0 = not said."`
	Currency string  `json:"currency,omitempty" doc:"Of the cost."`
	Why      string  `json:"why,omitempty" doc:"What the team says itself, at the beginning."`
}

// Validate says what is wrong with it, as an error of CodeInvalid.
func (h *Hiring) Validate() error {
	h.Role, h.Why, h.Currency = strings.TrimSpace(h.Role), strings.TrimSpace(h.Why), strings.ToUpper(strings.TrimSpace(h.Currency))
	if h.Week == 0 {
		h.Week = 40
	}
	switch {
	case h.Role == "" || len(h.Role) > maxName:
		return bad("say who is to be hired, as a role")
	case !(h.Week > 0 && h.Week <= 60):
		return bad("the hours a week of the post are a number above 0, up to 60, not %g", h.Week)
	case len(h.Why) > maxText || len(h.Currency) > 8:
		return bad("the reason has at most %d characters, and a currency is written as EUR", maxText)
	}
	if err := valid(&h.Growth, "the growth a month, as a share,", 1); err != nil {
		return err
	}
	return valid(&h.Cost, "what the post costs a month", 1e9)
}

// Make makes a document from the data of now. A preview is not stored.
func (s *Service) Make(ctx context.Context, kind DocumentKind, h *Hiring, keep bool, by string) (Document, error) {
	d := Document{Kind: kind, By: by, At: s.now(), Data: &Frozen{}}
	if kind == HiringCase {
		if h == nil {
			return d, bad("say who is to be hired")
		}
		own := *h
		if err := own.Validate(); err != nil {
			return d, err
		}
		d.Data.Hiring = &own
	} else if kind != DivisionOfLabour {
		return d, bad("there is no document %q; choose %s", kind, greenroom.AnyOf(DocumentKinds()))
	}
	var err error
	if d.Data.Sum, err = s.Workload(ctx); err != nil {
		return d, err
	}
	if len(d.Data.Sum.Loads) == 0 {
		return d, greenroom.Errorf(greenroom.CodeConflict, "there is no process yet; a document is made from them")
	}
	if d.Data.Capacity, err = s.capacity(ctx, &d.Data.Sum); err != nil {
		return d, err
	}
	team := make([]Person, len(d.Data.Capacity.People))
	for i := range team {
		team[i] = d.Data.Capacity.People[i].Person
	}
	d.Data.Roles = Divide(&d.Data.Sum, team)
	if kind == HiringCase {
		d.hiring()
	} else {
		d.division()
	}
	if !keep {
		return d, nil
	}
	if d, err = s.store.AddProcessDocument(ctx, d); err != nil {
		return d, fmt.Errorf("freezing a document: %w", err)
	}
	return d, s.audit.Audit(ctx, by, "process.document", fmt.Sprintf("document %d", d.ID), d.Title)
}

// Documents lists the documents that were frozen, without what stands in them, the newest first.
func (s *Service) Documents(ctx context.Context) ([]Document, error) {
	return s.store.ProcessDocuments(ctx)
}

// Document gives a document as it was frozen.
func (s *Service) Document(ctx context.Context, id int64) (Document, error) {
	return s.store.ProcessDocument(ctx, id)
}

// Stamp is the line below the title.
func (d *Document) Stamp() string {
	return "Frozen with its data of " + d.At.Format("2 January 2006, 15:04 MST") + " by " + d.By
}

var markdownSafe = strings.NewReplacer("\\", "\\\\", "|", "\\|", "<", "&lt;", "[", "\\[", "*", "\\*", "_", "\\_", "`", "\\`", "\n", " ")

// Markdown writes the document as Markdown.
func (d *Document) Markdown() string {
	var b strings.Builder
	esc := markdownSafe.Replace
	fmt.Fprintf(&b, "# %s\n\n%s\n", esc(d.Title), esc(d.Stamp()))
	for i := range d.Sections {
		s := &d.Sections[i]
		fmt.Fprintf(&b, "\n## %s\n", esc(s.Title))
		for _, t := range s.Text {
			fmt.Fprintf(&b, "\n%s\n", esc(t))
		}
		if len(s.Head) > 0 {
			line := func(cells []string) {
				for _, c := range cells {
					b.WriteString("| " + esc(c) + " ")
				}
				b.WriteString("|\n")
			}
			b.WriteByte('\n')
			line(s.Head)
			b.WriteString(strings.Repeat("|---", len(s.Head)) + "|\n")
			for _, r := range s.Rows {
				line(r)
			}
		}
		if len(s.List) > 0 {
			b.WriteByte('\n')
		}
		for _, t := range s.List {
			fmt.Fprintf(&b, "- %s\n", esc(t))
		}
	}
	return b.String()
}

const documentPage = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{{.Title}}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1d2330;background:#fff}h1{margin-bottom:0}h2{margin-top:2rem}table{border-collapse:collapse;width:100%;font-size:14px}th,td{text-align:left;vertical-align:top;border-bottom:1px solid #d5d9e0;padding:.35rem .5rem}.stamp{color:#596275}tr,h2{break-inside:avoid;break-after:auto}h2{break-after:avoid}@media print{body{margin:0;font-size:11pt}table{font-size:9pt}}</style></head>
<body><h1>{{.Title}}</h1><p class="stamp">{{.Stamp}}</p>{{range .Sections}}<h2>{{.Title}}</h2>{{range .Text}}<p>{{.}}</p>{{end}}{{if .Head}}<table><thead><tr>{{range .Head}}<th scope="col">{{.}}</th>{{end}}</tr></thead><tbody>{{range .Rows}}<tr>{{range .}}<td>{{.}}</td>{{end}}</tr>{{end}}</tbody></table>{{end}}{{if .List}}<ul>{{range .List}}<li>{{.}}</li>{{end}}</ul>{{end}}{{end}}</body></html>
`

// HTML writes the document as a page of its own, which needs nothing else.
func (d *Document) HTML() (string, error) {
	t, err := template.New("document").Parse(documentPage)
	if err != nil {
		return "", fmt.Errorf("parsing the page of documents: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, d); err != nil {
		return "", fmt.Errorf("writing document %d: %w", d.ID, err)
	}
	return b.String(), nil
}
