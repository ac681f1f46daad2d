// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package connect

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"greenroom/connector"
)

// Generated begins the pages of documentation that Page and Index write.
const Generated = "<!-- Written by `go test ./connector/all -update` from the connector's Spec"

// Page is a connector's page of documentation, in Markdown: steps, permissions, limits, manifests, pushes, how to connect
// by page, command and API, and the table of options. notes are what is written by hand, with headings of the second
// level; where they have the steps, in a section "Getting …" or "Connecting", these stand for the Spec's.
func Page(spec *connector.Spec, notes string) string {
	var p page
	p.line("# %s", spec.Title)
	p.line("%s and docs/connectors/notes/%s.md. -->", Generated, spec.Kind)
	p.line("%s", spec.Summary)
	p.line("%s", badges(spec))
	if strings.Contains("\n"+notes, "\n## Getting ") || strings.Contains("\n"+notes, "\n## Connecting\n") {
		p.text(notes) // which have the steps, and more of them than the form can hold
		p.scopes(spec.Scopes)
		p.manifests(spec.Manifest)
	} else {
		p.section("How to get it", spec.Help)
		p.scopes(spec.Scopes)
		p.manifests(spec.Manifest)
		p.text(notes)
	}
	if spec.Push != nil {
		p.push(spec.Push)
	}
	if spec.OAuth != nil {
		p.consent(spec)
	}
	p.section("Limits of the platform", spec.Limits)
	p.connecting(spec)
	p.options(spec)
	return strings.TrimSpace(p.out.String()) + "\n"
}

// page collects paragraphs, parted by empty lines.
type page struct{ out strings.Builder }

func (p *page) line(format string, args ...any) { fmt.Fprintf(&p.out, format+"\n\n", args...) }

func (p *page) text(text string) {
	if text = strings.TrimSpace(text); text != "" {
		p.out.WriteString(text + "\n\n")
	}
}

func (p *page) section(title, text string) {
	if strings.TrimSpace(text) != "" {
		p.line("## %s", title)
		p.text(text)
	}
}

// badges says in a line what sort of connector it is.
func badges(spec *connector.Spec) string {
	words := []string{"Kind `" + spec.Kind + "`"}
	if spec.Rhythm > 0 {
		words = append(words, "read again every "+spell(spec))
	}
	if spec.Push != nil {
		words = append(words, "takes pushes")
	}
	if spec.Streams {
		words = append(words, "hears events over a connection of its own")
	}
	if spec.Watches {
		words = append(words, "is told over a connection of its own that there is something to read")
	}
	if NeedsToken(spec) {
		words = append(words, "needs a token")
	}
	if GroupOf(spec) == connector.GroupExport {
		words = append(words, "reads files")
	}
	return strings.Join(words, " · ") + "."
}

// spell writes a connector's rhythm in words.
func spell(spec *connector.Spec) string {
	var words []string
	if hours := int(spec.Rhythm / time.Hour); hours > 0 {
		words = append(words, strconv.Itoa(hours)+" h")
	}
	if minutes := int(spec.Rhythm % time.Hour / time.Minute); minutes > 0 {
		words = append(words, strconv.Itoa(minutes)+" min")
	}
	return strings.Join(words, " ")
}

func (p *page) scopes(all []connector.Scope) {
	if len(all) == 0 {
		return
	}
	p.line("## Permissions")
	p.out.WriteString("| permission | what for |\n|---|---|\n")
	for _, s := range all {
		why := s.Why
		if s.Optional {
			why += " Optional."
		}
		fmt.Fprintf(&p.out, "| `%s` | %s |\n", s.Name, cell(why))
	}
	p.out.WriteString("\n")
}

func (p *page) manifests(all []connector.Manifest) {
	for i := range all {
		p.line("## %s", all[i].Title)
		p.text(all[i].Where)
		p.line("The page on which it is connected shows it with the source's name and address filled in, and copies it.")
	}
}

func (p *page) push(push *connector.Push) {
	p.line("## Pushes")
	if push.Asks {
		p.text(push.Help)
		return
	}
	p.line("The page that follows connecting, `greenroom source hook NAME` and `GET /api/v1/sources/NAME/push` tell the address, which is `/hooks/NAME` below the server's own.")
	if push.Mount != "" {
		p.line("Libraries that make the path themselves send to `%s` below it; which source is meant is found by the key that they carry.", push.Mount)
	}
	p.text(push.Help)
	switch {
	case push.Secret != "" && push.Given:
		p.line("The platform makes the secret that signs them; it goes into the option `%s`.", push.Secret)
	case push.Secret != "":
		p.line("The secret that signs them is the option `%s`; where it is left empty, one is made and shown once.", push.Secret)
	}
}

// consent says how tokens come by consent in the browser, instead of by hand.
func (p *page) consent(spec *connector.Spec) {
	o := spec.OAuth
	p.line("## Connecting by consent")
	p.line("Instead of copying tokens, have %s give them to an app of yours. The server needs a public address (`--public-url`).", spec.Title)
	p.line("1. Register the address to come back to, `https://your-address%s`. %s", CallbackPath, o.Register)
	p.line("2. Enter `%s` and `%s`, and choose **Connect with %s**. By command, `greenroom source authorize NAME --kind %s --redirect https://your-address%s %s=ID %s=-` asks in the same way and takes the address that the browser came back to.",
		o.Client, o.Secret, spec.Title, spec.Kind, CallbackPath, o.Client, o.Secret)
	p.line("3. Consent. The tokens are sealed like those that are entered, and renewed where they end. **Connect with %s** in the source's settings asks anew.", spec.Title)
}

// connecting shows the three ways to connect.
func (p *page) connecting(spec *connector.Spec) {
	p.line("## On the page, by command, by the API")
	p.line("On the page: **Sources → Add a source → %s**.", spec.Title)
	command := []string{"greenroom", "import", spec.Kind}
	options := make(map[string]string)
	for i := range spec.Options {
		o := &spec.Options[i]
		if !o.Required && o.Name != spec.Primary && (o.Type != connector.Secret || isPushSecret(spec, o.Name)) {
			continue
		}
		example := exampleOf(o)
		options[o.Name] = example
		if o.Name == spec.Primary {
			command = append(command, shell(example))
			continue
		}
		command = append(command, "--"+o.Name, shell(example))
	}
	p.line("By command:")
	p.line("    %s --source %s --data DIR", strings.Join(command, " "), spec.Platform)
	body, err := json.Marshal(map[string]any{"kind": spec.Kind, "source": spec.Platform, "options": options})
	if err != nil { // of texts only
		return
	}
	p.line("By the API:")
	p.line("    curl -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \\\n      -d '%s' \\\n      https://your-address/api/v1/imports", strings.ReplaceAll(string(body), "'", `'\''`))
}

func exampleOf(o *connector.Option) string {
	switch {
	case o.Example != "":
		return o.Example
	case o.Default != "":
		return o.Default
	case len(o.Choices) > 0:
		return o.Choices[0]
	}
	return strings.ToUpper(strings.ReplaceAll(o.Name, "-", "_"))
}

// shell quotes a word for a command line.
func shell(text string) string {
	if text != "" && !strings.ContainsAny(text, " \t\n'\"\\$`*?#&;|<>()[]{}!~") {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

func (p *page) options(spec *connector.Spec) {
	p.line("## Options")
	var needed, secret []string
	for i := range spec.Options {
		o := &spec.Options[i]
		if o.Required {
			needed = append(needed, "`"+o.Name+"`")
		}
		if o.Type == connector.Secret {
			secret = append(secret, "`"+o.Name+"`")
		}
	}
	var words []string
	if len(needed) > 0 {
		words = append(words, "Needed: "+strings.Join(needed, ", ")+".")
	}
	if len(secret) > 0 {
		words = append(words, "Kept sealed and never shown: "+strings.Join(secret, ", ")+".")
	}
	p.text(strings.Join(words, " "))
	p.out.WriteString("| option | what it does | default |\n|---|---|---|\n")
	for i := range spec.Options {
		o := &spec.Options[i]
		fmt.Fprintf(&p.out, "| `%s` | %s | %s |\n", o.Name, cell(o.Help), cell(o.Default))
	}
}

// cell writes a text for a table.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}

// Index is the page of documentation that lists all connectors.
func Index(specs []connector.Spec) string {
	var p page
	p.line("# Connectors")
	p.line("%ss. -->", Generated)
	p.line("What Greenroom connects, and what each brings in. A platform that is not here comes in by a webhook, a CSV file or the [API](../api.md).")
	p.line("Live connectors are read again in their rhythm. Some hear of things at once beside: by a *webhook*, for which this server has to be reachable from the platform; " +
		"or over a connection that Greenroom opens, for which it has not, by a *stream* of what happens or a *notice* that there is something to read.")
	for _, g := range []struct {
		group connector.Group
		title string
	}{
		{connector.GroupCommunity, "Where people talk and work together"},
		{connector.GroupBusiness, "Business systems"},
		{connector.GroupDoor, "Open doors"},
		{connector.GroupExport, "Exports and files"},
	} {
		var rows strings.Builder
		for i := range specs {
			if s := &specs[i]; GroupOf(s) == g.group {
				fmt.Fprintf(&rows, "| [%s](%s.md) | %s | %s | %s |\n", s.Title, s.Kind, cell(s.Summary), yes(Live(s)), atOnce(s))
			}
		}
		if rows.Len() > 0 {
			p.line("## %s", g.title)
			p.out.WriteString("| connector | what comes in | live | at once by |\n|---|---|---|---|\n" + rows.String() + "\n")
		}
	}
	return strings.TrimSpace(p.out.String()) + "\n"
}

// atOnce says by which ways a platform tells what happens as it happens.
func atOnce(spec *connector.Spec) string {
	var ways []string
	if spec.Push != nil {
		ways = append(ways, "webhook")
	}
	if spec.Streams {
		ways = append(ways, "stream")
	}
	if spec.Watches {
		ways = append(ways, "notice")
	}
	return strings.Join(ways, ", ")
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return ""
}
