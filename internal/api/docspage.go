// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"

	"github.com/yuin/goldmark"
)

//go:embed docs.html
var docsFS embed.FS

// docsGroup is the operations of a tag, as the page shows them.
type docsGroup struct {
	Name, Text string
	Ops        []docsOp
}

// docsOp is an operation as the page shows it.
type docsOp struct {
	Method, Path, ID, Summary, Need string
	Text                            template.HTML // of our own Markdown
	Params                          []docsParam
	Body, Reply                     string // examples
	Status                          int
	Problems                        []problemType
}

// docsParam is a parameter as the page shows it.
type docsParam struct{ Name, In, Text, Example string }

// Name is the last part of the type's address, for the page.
func (t problemType) Name() string { return string(t.name) }

// Status is the HTTP status, for the page.
func (t problemType) Status() int { return t.status }

// docsPage writes the page for people: plain HTML without scripts, made once from the same table as everything else.
func docsPage(ops []op) ([]byte, error) {
	tmpl, err := template.ParseFS(docsFS, "docs.html")
	if err != nil {
		return nil, fmt.Errorf("parsing: %w", err)
	}
	var groups []docsGroup
	for _, tag := range tags() {
		g := docsGroup{Name: fmt.Sprint(tag["name"]), Text: fmt.Sprint(tag["description"])}
		for i := range ops {
			if ops[i].tag == g.Name {
				d, err := ops[i].docs()
				if err != nil {
					return nil, err
				}
				g.Ops = append(g.Ops, d)
			}
		}
		groups = append(groups, g)
	}
	var buf bytes.Buffer
	if err := tmpl.Execute(&buf, groups); err != nil {
		return nil, fmt.Errorf("executing: %w", err)
	}
	return buf.Bytes(), nil
}

func (o *op) docs() (docsOp, error) {
	d := docsOp{
		Method: o.method, Path: Prefix + o.path, ID: o.id, Summary: o.summary, Need: string(o.need), Status: o.status, Problems: o.problems(),
	}
	if d.Status == 0 {
		d.Status = http.StatusOK
	}
	for i := range o.params {
		p := &o.params[i]
		in := "query"
		if p.path {
			in = "path"
		}
		d.Params = append(d.Params, docsParam{p.name, in, p.text, or(p.example, p.initial)})
	}
	var buf bytes.Buffer
	err := goldmark.Convert([]byte(o.text), &buf)
	if err != nil {
		return d, fmt.Errorf("formatting %s: %w", o.id, err)
	}
	d.Text = template.HTML(buf.String()) //nolint:gosec // it stands in the table of operations
	if o.body != nil {
		if d.Body, err = pretty(o.body.example); err != nil {
			return d, err
		}
	}
	if text, isText := o.reply.example.(string); isText {
		d.Reply = text
	} else if o.reply.example != nil {
		d.Reply, err = pretty(o.reply.example)
	}
	return d, err
}

func pretty(v any) (string, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return "", fmt.Errorf("encoding an example: %w", err)
	}
	return buf.String(), nil
}
