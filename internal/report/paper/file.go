// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package paper

import (
	"mime"
	"net/http"
	"strings"

	"greenroom"
	"greenroom/internal/report"
)

// File is an edition in one form.
type File struct {
	Name   string
	Type   string // media type
	Policy string // the Content-Security-Policy that it needs where a browser shows it; "" = it is saved, not shown
	Data   []byte
}

// Forms lists the forms of files.
func Forms() []string { return []string{"pdf", "html", "csv", "slides", "png"} }

// File writes an edition in a form: pdf, html, csv (a zip of tables), slides, png (a zip of pictures), or png:BLOCK for one chart.
func (p *Press) File(c *report.Content, form string) (File, error) {
	f := File{}
	var err error
	switch {
	case form == "pdf":
		f.Name, f.Type = report.FileName(c, "pdf"), "application/pdf"
		f.Data, err = p.PDF(c)
	case form == "html":
		f.Name, f.Type = report.FileName(c, "html"), "text/html; charset=utf-8"
		f.Data, err = HTML(c)
	case form == "csv":
		f.Name, f.Type = report.FileName(c, "zip"), "application/zip"
		f.Data, err = CSV(c)
	case form == "slides":
		f.Name, f.Type = report.FileName(c, "html"), "text/html; charset=utf-8"
		f.Data, f.Policy, err = Slides(c)
	case form == "png":
		f.Name, f.Type = report.FileName(c, "zip"), "application/zip"
		f.Data, err = p.pictures(c)
	case strings.HasPrefix(form, "png:"):
		f.Name, f.Type = report.FileName(c, "png"), "image/png"
		f.Data, err = p.picture(c, strings.TrimPrefix(form, "png:"))
	default:
		err = greenroom.Errorf(greenroom.CodeInvalid, "there is no form %q; there are %s, and png:BLOCK for one chart", form, strings.Join(Forms(), ", "))
	}
	return f, err
}

func (p *Press) picture(c *report.Content, block string) ([]byte, error) {
	for i := range c.Blocks {
		if b := &c.Blocks[i]; b.Block.ID == block && b.Plot != nil {
			return p.PNG(b)
		}
	}
	return nil, greenroom.Errorf(greenroom.CodeNotFound, "the report has no chart %q", block)
}

// Write answers a request with the file.
func (f *File) Write(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", f.Type)
	h.Set("X-Content-Type-Options", "nosniff")
	if f.Policy != "" {
		h.Set("Content-Security-Policy", f.Policy)
	} else {
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	}
	_, _ = w.Write(f.Data) // who has left needs no answer
}
