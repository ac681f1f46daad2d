// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package connect connects sources and changes how they are connected: it tests credentials, asks a platform what there
// is, makes the secrets that sign pushes, and stores changed options. The pages, the API and the command line stand on
// the same Service.
//
// A source that is not stored yet is described by its connector and the values that somebody typed; nothing of it is
// kept. One that is stored is described by its name and by what is to be changed: what is not named stays, and so does a
// secret that is given as an empty text, since stored secrets are shown to nobody. One thing ends that: when an address
// changes to another host, the secrets have to be given again. Otherwise whoever may change a source could have its token
// sent to a server of their own.
//
// What a connector knows of itself (its Spec) is turned into words here too: whether it is live, which manifest to paste,
// where its platform pushes to, and its page of documentation.
package connect

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
)

// Opener opens sources with their secrets and seals what is to be stored; ingest.Importer does.
type Opener interface {
	Open(spec connector.Spec, name string, values connector.Values) (connector.Source, *connector.Meter, error)
	Seal(spec connector.Spec, name string, values connector.Values) (connector.Values, error)
	// Move gives options as they are stored of a source that gets another name.
	Move(from, to string, config map[string]string) (map[string]string, error)
	// Credentials gives options with their secrets as they were entered, and Client what reaches platforms.
	Credentials(spec connector.Spec, name string, values connector.Values) (connector.Values, error)
	Client() *http.Client
}

// Store is what connecting needs of the record store.
type Store interface {
	Source(ctx context.Context, name string) (greenroom.Source, error)
	SetOptions(ctx context.Context, sourceID int64, config map[string]string, fromStart bool) error
	SetRhythm(ctx context.Context, sourceID, seconds int64, due time.Time) error
	KeepSurvey(ctx context.Context, sourceID int64, v connector.Survey) error
	Disconnect(ctx context.Context, sourceID int64, config map[string]string) error
	// AskRemoval notes that a source is to be removed with its data, and RenameSource calls it by another name.
	AskRemoval(ctx context.Context, sourceID int64, config map[string]string, by string) error
	RenameSource(ctx context.Context, sourceID int64, to string, before, after map[string]string) error
}

// Service connects sources. It may be used by many goroutines.
type Service struct {
	store  Store
	opener Opener
	now    func() time.Time
	specs  []connector.Spec
	may    func(ctx context.Context, spec *connector.Spec, values connector.Values) error

	consents consents
}

// New returns a service over the connectors there are. may says whether the caller may have such values read, such as a
// path on the server.
func New(store Store, opener Opener, now func() time.Time, specs []connector.Spec, may func(context.Context, *connector.Spec, connector.Values) error) *Service {
	return &Service{store: store, opener: opener, now: now, specs: specs, may: may}
}

// Find returns the connector of a kind, or an error of CodeNotFound.
func (s *Service) Find(kind string) (connector.Spec, error) {
	i := slices.IndexFunc(s.specs, func(one connector.Spec) bool { return one.Kind == kind })
	if i < 0 {
		return connector.Spec{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no connector %q", kind)
	}
	return s.specs[i], nil
}

// Live reports whether a connector keeps up with its platform, rather than reading what was exported.
func Live(spec *connector.Spec) bool { return spec.Rhythm > 0 || spec.Push != nil }

// GroupOf is the shelf on which a connector stands; one that names none stands by what it reads.
func GroupOf(spec *connector.Spec) connector.Group {
	if spec.Group != "" {
		return spec.Group
	}
	if slices.ContainsFunc(spec.Options, func(o connector.Option) bool {
		return o.Type == connector.Path && (o.Required || o.Name == spec.Primary)
	}) {
		return connector.GroupExport
	}
	return connector.GroupCommunity
}

// NeedsToken reports whether nothing comes in without a secret.
func NeedsToken(spec *connector.Spec) bool {
	return slices.ContainsFunc(spec.Options, func(o connector.Option) bool { return o.Type == connector.Secret && o.Required })
}

// SurveyOption returns the option whose entries are chosen from the places of a survey, nil where there is none.
func SurveyOption(spec *connector.Spec) *connector.Option {
	for i := range spec.Options {
		if spec.Options[i].FromSurvey {
			return &spec.Options[i]
		}
	}
	return nil
}

// Entry is what stands for a place in the option that lists places.
func Entry(p *connector.Place) string {
	if p.Entry != "" {
		return p.Entry
	}
	return p.Name
}

// secretBytes is how long a secret that Greenroom makes is, before it is written in hexadecimal digits.
const secretBytes = 32

// secret makes one up.
func secret() string {
	b := make([]byte, secretBytes)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// FillSecret gives a source that is about to be connected the secret that signs its platform's pushes, where its
// connector takes one and none was given. It returns what it made, "" for nothing; values is changed.
func FillSecret(spec *connector.Spec, values connector.Values) string {
	if spec.Push == nil || spec.Push.Secret == "" || spec.Push.Given || values[spec.Push.Secret] != "" {
		return ""
	}
	values[spec.Push.Secret] = secret()
	return values[spec.Push.Secret]
}

// Change is what is to be different about a source. What it does not name stays.
type Change struct {
	Options   map[string]string // an empty text takes a value away, and keeps a secret
	Forget    []string          // secrets to be taken away
	Rhythm    *int64            // seconds between reads; 0 = as the connector does, -1 = only when told to
	FromStart bool              // the next read begins at the start
}

// Bounds of a rhythm, in seconds.
const (
	minRhythm = 60
	maxRhythm = 31 * 24 * 3600
)

// Change changes a source. CodeInvalid when the connector refuses the options.
func (s *Service) Change(ctx context.Context, name string, c Change) (greenroom.Source, error) {
	src, spec, values, err := s.merged(ctx, name, &c)
	if err != nil {
		return src, err
	}
	if c.Rhythm != nil {
		if r := *c.Rhythm; r != 0 && r != -1 && (r < minRhythm || r > maxRhythm) {
			return src, greenroom.Errorf(greenroom.CodeInvalid, "the seconds between two reads of a source are from %d (a minute) to %d (31 days), 0 for as often as its connector does, or -1 for only when told to; not %d", minRhythm, maxRhythm, r)
		}
	}
	if len(c.Options)+len(c.Forget) > 0 || c.FromStart {
		if _, _, err := s.opener.Open(spec, name, values); err != nil {
			return src, err
		}
		stored, err := s.opener.Seal(spec, name, values)
		if err != nil {
			return src, err
		}
		if err := s.store.SetOptions(ctx, src.ID, stored, c.FromStart || reachesBack(&spec, src.Config, stored)); err != nil {
			return src, fmt.Errorf("storing the options of %q: %w", name, err)
		}
	}
	if c.Rhythm != nil && *c.Rhythm != src.Rhythm {
		if err := s.store.SetRhythm(ctx, src.ID, *c.Rhythm, s.due(&src, &spec, *c.Rhythm)); err != nil {
			return src, fmt.Errorf("setting the rhythm of %q: %w", name, err)
		}
	}
	return s.store.Source(ctx, name)
}

// due is when a source is read next by itself at a new rhythm.
func (s *Service) due(src *greenroom.Source, spec *connector.Spec, rhythm int64) time.Time {
	every := time.Duration(rhythm) * time.Second
	if rhythm == 0 {
		every = spec.Rhythm
	}
	if every <= 0 || !src.DisconnectedAt.IsZero() {
		return time.Time{}
	}
	return s.now().Add(every)
}

// reachesBack reports whether an option that says how far back things are wanted has changed: where the last read ended
// is then no place to go on from.
func reachesBack(spec *connector.Spec, before, after map[string]string) bool {
	for i := range spec.Options {
		if o := &spec.Options[i]; o.Type == connector.Since && before[o.Name] != after[o.Name] {
			return true
		}
	}
	return false
}

// merged is a source with its connector and its options as they would be after a change: stored secrets sealed, new ones
// as they were typed.
func (s *Service) merged(ctx context.Context, name string, c *Change) (greenroom.Source, connector.Spec, connector.Values, error) {
	src, err := s.store.Source(ctx, name)
	if err != nil {
		return src, connector.Spec{}, nil, err
	}
	spec, err := s.Find(src.Kind)
	if err != nil {
		return src, spec, nil, err
	}
	if err := s.may(ctx, &spec, c.Options); err != nil {
		return src, spec, nil, err
	}
	values := make(connector.Values, len(src.Config))
	for option, v := range src.Config {
		values[option] = v
	}
	for option := range c.Options {
		if !slices.ContainsFunc(spec.Options, func(o connector.Option) bool { return o.Name == option }) {
			return src, spec, nil, greenroom.Errorf(greenroom.CodeInvalid, "%s has no option %q", spec.Title, option)
		}
	}
	for i := range spec.Options {
		o := &spec.Options[i]
		v, given := c.Options[o.Name]
		switch {
		case slices.Contains(c.Forget, o.Name):
			delete(values, o.Name)
		case !given || o.Type == connector.Secret && v == "":
		case v == "":
			delete(values, o.Name)
		default:
			values[o.Name] = v
		}
	}
	return src, spec, values, secretsStay(&spec, src.Config, values, c.Options)
}

// secretsStay refuses to use stored secrets at another host than the one that they were given for.
func secretsStay(spec *connector.Spec, before, after, given map[string]string) error {
	moved := false
	for i := range spec.Options {
		o := &spec.Options[i]
		if o.Type != connector.Address {
			continue
		}
		// An address that nobody entered is the default.
		from, to := cmp.Or(before[o.Name], o.Default), cmp.Or(after[o.Name], o.Default)
		moved = moved || from != "" && host(from) != host(to)
	}
	if !moved {
		return nil
	}
	for i := range spec.Options {
		if o := &spec.Options[i]; o.Type == connector.Secret && after[o.Name] != "" && given[o.Name] == "" && !isPushSecret(spec, o.Name) {
			return greenroom.Errorf(greenroom.CodeInvalid, "%s has to be given again, since the address leads to another server now", o.Label)
		}
	}
	return nil
}

// isPushSecret reports whether an option signs what comes in; such a secret is never sent.
func isPushSecret(spec *connector.Spec, option string) bool {
	return spec.Push != nil && spec.Push.Secret == option
}

// host is the scheme, host and port of an address.
func host(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return address
	}
	return strings.ToLower(u.Scheme + "://" + u.Host)
}

// RenewSecret gives a source a new secret that signs its platform's pushes and returns it: the only time that it can be
// seen. The old one ends at once.
func (s *Service) RenewSecret(ctx context.Context, name string) (string, error) {
	src, err := s.store.Source(ctx, name)
	if err != nil {
		return "", err
	}
	spec, err := s.Find(src.Kind)
	if err != nil {
		return "", err
	}
	if spec.Push == nil || spec.Push.Secret == "" || spec.Push.Given {
		return "", greenroom.Errorf(greenroom.CodeInvalid, "%s signs its pushes with no secret that Greenroom could make; what the platform made is entered in the settings of the source", spec.Title)
	}
	made := secret()
	_, err = s.Change(ctx, name, Change{Options: map[string]string{spec.Push.Secret: made}})
	return made, err
}

// Disconnect ends the reading of a source and forgets its secrets; what came in stays. Reading it again connects it
// again. The caller has stopped a read that goes on.
func (s *Service) Disconnect(ctx context.Context, name string) error {
	src, err := s.store.Source(ctx, name)
	if err != nil {
		return err
	}
	return s.store.Disconnect(ctx, src.ID, s.open(&src))
}

// open gives the options of a source without its secrets.
func (s *Service) open(src *greenroom.Source) map[string]string {
	config := maps.Clone(src.Config)
	if spec, err := s.Find(src.Kind); err == nil {
		for i := range spec.Options {
			if spec.Options[i].Type == connector.Secret {
				delete(config, spec.Options[i].Name)
			}
		}
	}
	return config
}

// Remove has a source removed with everything that came in from it. Confirm is its name, typed by whoever asks, since
// nothing brings the data back. It is disconnected at once; the data go in the background. The caller has stopped a read
// that goes on.
func (s *Service) Remove(ctx context.Context, name, confirm, by string) error {
	src, err := s.store.Source(ctx, name)
	if err != nil {
		return err
	}
	if confirm != src.Name {
		return greenroom.Errorf(greenroom.CodeInvalid, "type the name of the source, %s, to confirm that it is removed with all that came in from it; %q is not it", src.Name, confirm)
	}
	return s.store.AskRemoval(ctx, src.ID, s.open(&src), by)
}

// maxName is how long the name of a source can be, in bytes.
const maxName = 100

// Rename calls a source by another name. What was pushed to the former name still arrives. The caller has stopped a read
// that goes on.
func (s *Service) Rename(ctx context.Context, name, to string) (greenroom.Source, error) {
	src, err := s.store.Source(ctx, name)
	if err != nil {
		return src, err
	}
	if to = strings.TrimSpace(to); to == "" || len(to) > maxName || strings.ContainsAny(to, "/\\\"\n\r\t") {
		return src, greenroom.Errorf(greenroom.CodeInvalid, "%q cannot be the name of a source; expected up to %d characters without slashes, quotes and line breaks", to, maxName)
	}
	if to == src.Name {
		return src, nil
	}
	config, err := s.opener.Move(src.Name, to, src.Config)
	if err != nil {
		return src, fmt.Errorf("sealing the secrets of %s for its new name: %w", name, err)
	}
	if err := s.store.RenameSource(ctx, src.ID, to, src.Config, config); err != nil {
		return src, err
	}
	return s.store.Source(ctx, to)
}
