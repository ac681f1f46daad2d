// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/connect"
	"greenroom/internal/web/ui"
)

// A form of options keeps what was typed when it comes back with the result of a test or with a mistake. Secrets are not
// sent back to the browser as they are: each travels in a hidden field, sealed with a key that lives as long as this
// process, bound to the person, the connector and the option, and good for an hour. Greenroom itself keeps nothing of a
// form that was not sent to the end.

// Prefixes of fields beside an option's own.
const (
	keptField = "kept:"  // its secret, sealed
	dayField  = "day:"   // how far back, as a day
	pickField = "place:" // a chosen place
)

// keptFor is how long a sealed secret of a form is good.
const keptFor = time.Hour

// maxPlaces is how many places can be chosen from.
const maxPlaces = 1000

// optionForm makes fields from options.
type optionForm struct {
	*startPage
	kind, actor string
	values      map[string]string
	stored      map[string]bool // secrets that the source has; nil for one that is not stored
}

// fields are the inputs of a form: those that everybody looks at, and those that few need.
func (f *optionForm) fields(spec *connector.Spec) (first, more []ui.Field, hidden []ui.Hidden, err error) {
	for i := range spec.Options {
		o := &spec.Options[i]
		fields := f.option(o)
		if spec.OAuth != nil && o.Name == spec.OAuth.Access && f.cfg.PublicURL != nil {
			fields[0].Required = false // the platform can give it
		}
		common := o.Required || o.Type == connector.Path || o.Type == connector.Secret && !pushSecret(spec, o) || o.FromSurvey || o.Type == connector.Since || i == 0
		if ofApp(spec, o) {
			common = appFirst(spec, f.cfg.PublicURL != nil)
		}
		if common {
			first = append(first, fields...)
		} else {
			more = append(more, fields...)
		}
		if o.Type == connector.Secret && f.values[o.Name] != "" {
			sealed, err := f.keep(o.Name, f.values[o.Name])
			if err != nil {
				return nil, nil, nil, err
			}
			hidden = append(hidden, ui.Hidden{Name: keptField + o.Name, Value: sealed})
		}
	}
	return first, more, hidden, nil
}

// ofApp reports whether an option is of the app by which people consent. These belong together: an id without its secret is
// of no use.
func ofApp(spec *connector.Spec, o *connector.Option) bool {
	return spec.OAuth != nil && o.Name != "" && (o.Name == spec.OAuth.Client || o.Name == spec.OAuth.Secret || o.Name == spec.OAuth.Refresh)
}

// appFirst reports whether everybody looks at the options of the app: where it can be asked for consent, where it renews the
// token that has to be entered, and where there is nothing else to sign in with.
func appFirst(spec *connector.Spec, public bool) bool {
	others := false
	for i := range spec.Options {
		o := &spec.Options[i]
		if app := ofApp(spec, o); app && o.Required || o.Required && o.Name == spec.OAuth.Access && spec.OAuth.Refresh != "" {
			return true
		} else if !app && o.Type == connector.Secret && !pushSecret(spec, o) {
			others = true
		}
	}
	return public || !others
}

// pushSecret reports whether an option is the secret that signs pushes, which Greenroom makes by itself.
func pushSecret(spec *connector.Spec, o *connector.Option) bool {
	return spec.Push != nil && spec.Push.Secret == o.Name
}

// option are the inputs of one option. A path can be sent from the browser or named on the server.
func (f *optionForm) option(o *connector.Option) []ui.Field {
	field := ui.Field{Name: o.Name, Label: o.Label, Help: o.Help, Value: firstText(f.values[o.Name], o.Default), Placeholder: o.Example, Required: o.Required}
	switch o.Type {
	case connector.Path:
		upload := ui.Field{Name: "file:" + o.Name, Label: o.Label + " from this computer", Type: "file", Help: o.Help, OneOf: true, MaxBytes: f.cfg.MaxUpload, TooLarge: sentence(f.tooLarge(f.kind))}
		field.Label, field.Help, field.Required, field.OneOf = "Or its path on the server", "A file or folder that the server can read", false, true
		return []ui.Field{upload, field}
	case connector.Bool:
		field.Type, field.Checked, field.Value = "checkbox", field.Value == "true", "true"
	case connector.Number:
		field.Type = "number"
	case connector.Secret:
		field.Type, field.Value, field.Autocomplete = "password", "", "off"
		if f.stored[o.Name] || f.values[o.Name] != "" {
			field.Required, field.Placeholder = false, "kept; type another one to replace it"
		}
	case connector.Choice:
		field.Type = "select"
		for _, c := range o.Choices {
			field.Options = append(field.Options, ui.Option{Value: c, Label: c})
		}
	case connector.List, connector.Long:
		field.Type = "textarea"
		if o.Type == connector.List {
			field.Help = strings.TrimSpace(field.Help + " Commas or lines part them.")
		}
	case connector.Since:
		return f.since(field)
	case connector.Text, connector.Address, connector.Mapping:
	}
	return []ui.Field{field}
}

// since are the inputs of how far back: sensible spans, and any day.
func (f *optionForm) since(field ui.Field) []ui.Field {
	day := ui.Field{Name: dayField + field.Name, Label: "Or from a day on", Type: "date", Help: "A day wins over the choice above."}
	if _, err := time.Parse(time.DateOnly, field.Value); err == nil {
		day.Value, field.Value = field.Value, ""
	}
	field.Type, field.Placeholder = "select", ""
	for _, o := range [][2]string{{"30d", "The last 30 days"}, {"90d", "The last 90 days"}, {"6m", "The last 6 months"}, {"1y", "The last year"}, {"2y", "The last 2 years"}, {"all", "Everything there is"}} {
		field.Options = append(field.Options, ui.Option{Value: o[0], Label: o[1]})
	}
	switch field.Value {
	case "":
		field.Value = "all"
	case "12m":
		field.Value = "1y"
	}
	if !slices.ContainsFunc(field.Options, func(o ui.Option) bool { return o.Value == field.Value }) {
		field.Options = append([]ui.Option{{Value: field.Value, Label: "The last " + spanWords(field.Value)}}, field.Options...)
	}
	return []ui.Field{field, day}
}

// spanWords writes a span such as 18m in words.
func spanWords(span string) string {
	units := map[byte]string{'d': "days", 'w': "weeks", 'm': "months", 'y': "years"}
	if unit := units[span[len(span)-1]]; unit != "" {
		return span[:len(span)-1] + " " + unit
	}
	return span
}

// place is what a kept secret is sealed for.
func (f *optionForm) place(option string) string {
	return "form/" + f.actor + "/" + f.kind + "/" + option
}

// keep seals a secret for the way through the browser and back.
func (f *optionForm) keep(option, secret string) (string, error) {
	return f.forms.Seal([]byte(strconv.FormatInt(f.cfg.Now().Add(keptFor).Unix(), 10)+"\n"+secret), f.place(option))
}

// take completes the values of a form that came back: kept secrets that nobody typed anew, and days. CodeInvalid when a
// secret was kept for too long.
func (f *optionForm) take(spec *connector.Spec) error {
	for i := range spec.Options {
		o := &spec.Options[i]
		if day := f.values[dayField+o.Name]; o.Type == connector.Since && day != "" {
			f.values[o.Name] = day
		}
		sealed := f.values[keptField+o.Name]
		if o.Type != connector.Secret || sealed == "" || f.values[o.Name] != "" {
			continue
		}
		kept, ok := f.unkeep(o.Name, sealed)
		if !ok {
			return greenroom.Errorf(greenroom.CodeInvalid, "type %s again; what is typed into a form is kept for an hour", o.Label)
		}
		f.values[o.Name] = kept
	}
	return nil
}

// unkeep opens a secret that keep has sealed for the same person, connector and option.
func (f *optionForm) unkeep(option, sealed string) (string, bool) {
	opened, err := f.forms.Open(sealed, f.place(option))
	if err != nil {
		return "", false
	}
	until, secret, _ := strings.Cut(string(opened), "\n")
	at, err := strconv.ParseInt(until, 10, 64)
	return secret, err == nil && f.cfg.Now().Unix() < at
}

// picked puts the chosen places into the option that lists them. All of them, or none, leave it as it was typed, so that
// places which are added later come in too.
func picked(spec *connector.Spec, values map[string]string) {
	o := connect.SurveyOption(spec)
	if o == nil {
		return
	}
	chosen := splitLines(values[pickField+o.Name])
	if all, err := strconv.Atoi(values[placesField]); err != nil || len(chosen) == 0 || len(chosen) >= all {
		return
	}
	values[o.Name] = strings.Join(chosen, "\n")
}

// placesField tells how many places there were to choose from.
const placesField = "places"

func splitLines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// freeName is a name for a new source that no other one has.
func freeName(platform string, sources []greenroom.Source) string {
	name := platform
	for n := 2; slices.ContainsFunc(sources, func(s greenroom.Source) bool { return s.Name == name }); n++ {
		name = platform + "-" + strconv.Itoa(n)
	}
	return name
}
