// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package connect

import (
	"fmt"
	"net/url"
	"strings"
	"text/template"

	"greenroom/connector"
)

// HookPath is the path that takes a source's pushes.
func HookPath(name string) string { return "/hooks/" + url.PathEscape(name) }

// Addresses are where a platform pushes to for a source: its own address, and where libraries make the path themselves,
// that of the connector. base is the server's own address without a path; the result is empty where a connector takes
// no pushes, or asks for them itself, so that there is no address to enter.
func Addresses(spec *connector.Spec, base, name string) []string {
	if spec.Push == nil || spec.Push.Asks {
		return nil
	}
	base = strings.TrimSuffix(base, "/")
	all := []string{base + HookPath(name)}
	if spec.Push.Mount != "" {
		all = append(all, base+spec.Push.Mount)
	}
	return all
}

// Paste is a manifest that is ready to be pasted.
type Paste struct {
	Title  string
	Format string // "json" or "yaml"
	Where  string // Markdown
	Text   string
}

// Manifests fills in a connector's manifests for a source. base is as for Addresses; "" = the server has no public
// address, so that the platform cannot push.
func Manifests(spec *connector.Spec, base, name string) ([]Paste, error) {
	data := connector.ManifestData{Name: name}
	if all := Addresses(spec, base, name); base != "" && len(all) > 0 {
		data.Hook = all[0]
	}
	var out []Paste
	for i := range spec.Manifest {
		m := &spec.Manifest[i]
		tmpl, err := template.New(m.Title).Parse(m.Template)
		if err != nil {
			return nil, fmt.Errorf("reading the manifest %q of %s: %w", m.Title, spec.Kind, err)
		}
		var text strings.Builder
		if err := tmpl.Execute(&text, data); err != nil {
			return nil, fmt.Errorf("filling in the manifest %q of %s: %w", m.Title, spec.Kind, err)
		}
		out = append(out, Paste{Title: m.Title, Format: m.Format, Where: m.Where, Text: strings.TrimSpace(text.String())})
	}
	return out, nil
}
