// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/auth"
	"greenroom/internal/connect"
)

// SourceInfo is a source with how reading it went last.
type SourceInfo struct {
	greenroom.Source

	LastRun *greenroom.Run `json:"last_run,omitempty" doc:"The newest import or sync; left out where there was none."`
}

// SourceDetail is all about a source.
type SourceDetail struct {
	Source   greenroom.Source `json:"source" doc:"The source."`
	Runs     []greenroom.Run  `json:"runs" doc:"Imports and syncs, the newest first, 20 at most."`
	LeftOut  map[string]int64 `json:"left_out" doc:"Of the newest run: records read and not wanted by design, by reason."`
	Ledger   greenroom.Ledger `json:"ledger" doc:"Why the number of accounts differs from the number of members."`
	Kinds    map[string]int64 `json:"kinds" doc:"How many activities are stored, by kind."`
	Channels []ChannelInfo    `json:"channels" doc:"Channels, the busiest first, 200 at most."`
}

// ChannelInfo is a channel with how busy it is.
type ChannelInfo struct {
	greenroom.Channel

	Activities int64 `json:"activities" doc:"How many activities are stored."`
}

// ConnectorInfo describes a connector.
type ConnectorInfo struct {
	Kind        string       `json:"kind" doc:"How it is called, such as slack-export; POST /imports takes it."`
	Title       string       `json:"title" doc:"Its name for people."`
	Platform    string       `json:"platform" doc:"What is behind it, such as slack; several connectors can share a platform."`
	Summary     string       `json:"summary" doc:"What comes in, in a sentence."`
	Help        string       `json:"help" doc:"How to get the export or the address, in Markdown."`
	Business    bool         `json:"business" doc:"A business system: its people are contacts until they act in the community."`
	Incremental bool         `json:"incremental" doc:"The next import begins where the last one ended, instead of reading all again."`
	Primary     string       `json:"primary" doc:"The option that the command line takes without a flag."`
	Options     []OptionInfo `json:"options" doc:"What can be set, in the order of a form."`

	Group         string         `json:"group" doc:"The shelf of the gallery that it stands on: community, business, door or export."`
	Keywords      []string       `json:"keywords,omitempty" doc:"What else people search it by."`
	RhythmSeconds int64          `json:"rhythm_seconds" doc:"How often it is read again by itself, unless the source says otherwise; 0 = only when told to."`
	Scopes        []ScopeInfo    `json:"scopes,omitempty" doc:"Permissions that the credential needs."`
	Limits        string         `json:"limits,omitempty" doc:"The platform's limits and what they mean for a first read, in Markdown."`
	Push          *PushSpec      `json:"push,omitempty" doc:"How the platform tells what happens as it happens; left out where it is only asked."`
	Manifests     []ManifestInfo `json:"manifests,omitempty" doc:"Texts to paste where the platform takes an app's description in one piece."`
}

// ScopeInfo is a permission that a credential needs.
type ScopeInfo struct {
	Name     string `json:"name" doc:"As the platform calls it."`
	Why      string `json:"why" doc:"What Greenroom does with it."`
	Optional bool   `json:"optional,omitempty" doc:"Without it something is missing and the rest works."`
}

// PushSpec says how a platform pushes.
type PushSpec struct {
	Help         string `json:"help" doc:"Where the address is entered on the platform, in Markdown."`
	Mount        string `json:"mount,omitempty" doc:"A path prefix that takes requests whose path a library makes."`
	Asks         bool   `json:"asks,omitempty" doc:"Greenroom asks the platform for its pushes by itself; there is nothing to enter."`
	SecretOption string `json:"secret_option,omitempty" doc:"The option that holds the secret which signs what is pushed."`
}

// ManifestInfo is a text to paste.
type ManifestInfo struct {
	Title    string `json:"title" doc:"What it is."`
	Format   string `json:"format" doc:"json or yaml."`
	Where    string `json:"where" doc:"Where to paste it, in Markdown."`
	Template string `json:"template" doc:"A Go text/template with the fields Name, of the source, and Hook, the address for pushes."`
}

// OptionInfo describes an option of a connector.
type OptionInfo struct {
	Name     string               `json:"name" doc:"The key in options of POST /imports."`
	Label    string               `json:"label" doc:"Its name for people."`
	Help     string               `json:"help" doc:"What it does."`
	Type     connector.OptionType `json:"type" doc:"What its value is; values are sent as text. A path is one on the server."`
	Required bool                 `json:"required" doc:"It has to be given."`
	Default  string               `json:"default,omitempty" doc:"Its value when it is not given."`
	Choices  []string             `json:"choices,omitempty" doc:"What it can be, for a choice."`
	Example  string               `json:"example,omitempty" doc:"A value as it may look."`

	FromSurvey bool `json:"from_survey,omitempty" doc:"Its entries name places that POST /connectors/{kind}/survey finds."`
}

// Limits of what a source shows.
const (
	shownRuns     = 20
	shownChannels = 200
	knownRuns     = 1000 // how far back the rejected records of runs can be read
)

func (a *api) sourceOps() []op {
	source := nameParam("name", "The source's name.", "slack-acme")
	return []op{
		{
			method: http.MethodGet, path: "/sources", id: "listSources", tag: "Sources", need: auth.Read,
			summary: "What is connected",
			text:    "All sources by name, each with its newest import. Their options are shown to those who may connect sources; secrets never are.",
			reply:   content{of: Items[SourceInfo]{}, example: Items[SourceInfo]{Items: []SourceInfo{{Source: exampleSource(), LastRun: exampleRun()}}}},
			do:      a.sources,
		},
		{
			method: http.MethodGet, path: "/sources/{name}", id: "getSource", tag: "Sources", need: auth.Read,
			summary: "A source",
			text:    "One source with its imports, what came in, and the ledger: accounts = members + merged + staff + bots + hidden + contacts.",
			params:  []param{source},
			reply:   content{of: SourceDetail{}, example: exampleSourceDetail()},
			do:      a.source,
		},
		{
			method: http.MethodGet, path: "/sources/{name}/runs/{id}/rejects", id: "listRejects", tag: "Sources", need: auth.Read,
			summary: "Records that could not be read",
			text:    "The records of an import that could not be stored, in the order in which they were met, each with where it stands and why.",
			params:  append([]param{source, idParam("The run's id.")}, pageParams("100", 500)...),
			reply:   content{of: Page[greenroom.Reject]{}, example: Page[greenroom.Reject]{Items: []greenroom.Reject{exampleReject()}, Next: "100"}},
			paged:   true,
			do:      a.rejects,
		},
		{
			method: http.MethodGet, path: "/connectors", id: "listConnectors", tag: "Sources", need: auth.Read,
			summary: "What can be connected",
			text:    "Every connector with its options, from which a form or a command can be made.",
			reply:   content{of: Items[ConnectorInfo]{}, example: Items[ConnectorInfo]{Items: []ConnectorInfo{exampleConnector()}}},
			do: func(*call) (answer, error) {
				all := make([]ConnectorInfo, len(a.Connectors))
				for i := range a.Connectors {
					all[i] = connectorInfo(&a.Connectors[i])
				}
				return itemsOf(all)
			},
		},
	}
}

func connectorInfo(s *connector.Spec) ConnectorInfo {
	info := ConnectorInfo{
		Kind: s.Kind, Title: s.Title, Platform: s.Platform, Summary: s.Summary, Help: s.Help, Business: s.Business,
		Incremental: s.Incremental, Primary: s.Primary, Options: []OptionInfo{},
	}
	info.Group, info.Keywords, info.RhythmSeconds, info.Limits = string(connect.GroupOf(s)), s.Keywords, int64(s.Rhythm/time.Second), s.Limits
	for _, scope := range s.Scopes {
		info.Scopes = append(info.Scopes, ScopeInfo(scope))
	}
	if s.Push != nil {
		info.Push = &PushSpec{Help: s.Push.Help, Mount: s.Push.Mount, SecretOption: s.Push.Secret, Asks: s.Push.Asks}
	}
	for _, m := range s.Manifest {
		info.Manifests = append(info.Manifests, ManifestInfo(m))
	}
	for _, o := range s.Options {
		info.Options = append(info.Options, OptionInfo(o))
	}
	return info
}

// connectorOf finds a connector by its kind.
func (a *api) connectorOf(kind string) (*connector.Spec, bool) {
	i := slices.IndexFunc(a.Connectors, func(s connector.Spec) bool { return s.Kind == kind })
	if i < 0 {
		return nil, false
	}
	return &a.Connectors[i], true
}

// shown is a source as the caller may see it: options are for those who may connect sources, since paths and addresses
// tell of the server; secrets, passwords in addresses and options that no connector knows any more are for nobody.
func (a *api) shown(c *call, s greenroom.Source) greenroom.Source {
	config := make(map[string]string)
	spec, known := a.connectorOf(s.Kind)
	if known && c.caller.Can(auth.Connect) {
		for _, o := range spec.Options {
			v, set := s.Config[o.Name]
			if !set || o.Type == connector.Secret {
				continue
			}
			if u, err := url.Parse(v); err == nil && u.User != nil {
				u.User = nil
				v = u.String()
			}
			config[o.Name] = v
		}
	}
	s.Config = config
	return s
}

func (a *api) sources(c *call) (answer, error) {
	all, err := a.Sources.Sources(c.ctx())
	if err != nil {
		return answer{}, err
	}
	runs, err := a.Sources.LastRuns(c.ctx())
	if err != nil {
		return answer{}, err
	}
	infos := make([]SourceInfo, len(all))
	for i := range all {
		infos[i].Source = a.shown(c, all[i])
		if run, found := runs[all[i].ID]; found {
			run = a.live(all[i].Name, run)
			infos[i].LastRun = &run
		}
	}
	return itemsOf(infos)
}

// live is a run with its counts of now, where it goes on in this process.
func (a *api) live(source string, run greenroom.Run) greenroom.Run {
	if now, running := a.Imports.RunningImport(source); running && now.ID == run.ID {
		return now
	}
	return run
}

func (a *api) source(c *call) (answer, error) {
	src, err := a.Sources.Source(c.ctx(), c.text("name"))
	if err != nil {
		return answer{}, err
	}
	d := SourceDetail{Source: a.shown(c, src), LeftOut: map[string]int64{}, Kinds: map[string]int64{}, Channels: []ChannelInfo{}, Runs: []greenroom.Run{}}
	runs, err := a.Sources.Runs(c.ctx(), src.ID, shownRuns)
	if err != nil {
		return answer{}, err
	}
	if len(runs) > 0 {
		d.Runs = runs
		d.Runs[0] = a.live(src.Name, runs[0])
		left, err := a.Sources.LeftOut(c.ctx(), runs[0].ID)
		if err != nil {
			return answer{}, err
		}
		if left != nil {
			d.LeftOut = left
		}
	}
	if d.Ledger, err = a.Counts.Ledger(c.ctx(), src.ID); err != nil {
		return answer{}, err
	}
	kinds, err := a.Counts.SourceKinds(c.ctx(), src.ID)
	if err != nil {
		return answer{}, err
	}
	for k, n := range kinds {
		d.Kinds[k.String()] = n
	}
	channels, counts, err := a.Counts.SourceChannels(c.ctx(), src.ID, shownChannels)
	if err != nil {
		return answer{}, err
	}
	for i := range channels {
		d.Channels = append(d.Channels, ChannelInfo{Channel: channels[i], Activities: counts[i]})
	}
	return ok(d)
}

func (a *api) rejects(c *call) (answer, error) {
	src, err := a.Sources.Source(c.ctx(), c.text("name"))
	if err != nil {
		return answer{}, err
	}
	runs, err := a.Sources.Runs(c.ctx(), src.ID, knownRuns)
	if err != nil {
		return answer{}, err
	}
	if !slices.ContainsFunc(runs, func(r greenroom.Run) bool { return r.ID == c.id() }) {
		return answer{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no run %d of source %q", c.id(), src.Name)
	}
	offset, limit := 0, int(c.integer("limit"))
	if cursor := c.text("cursor"); cursor != "" {
		if offset, err = strconv.Atoi(cursor); err != nil || offset < 0 {
			return answer{}, wrong("cursor", "the cursor is damaged; start from the first page")
		}
	}
	all, err := a.Sources.Rejects(c.ctx(), c.id(), offset, limit+1)
	if err != nil {
		return answer{}, err
	}
	p := Page[greenroom.Reject]{Items: all}
	if len(all) > limit {
		p.Items, p.Next = all[:limit], strconv.Itoa(offset+limit)
	}
	if offset > 0 {
		p.Prev = strconv.Itoa(max(0, offset-limit))
	}
	return pageOf(c, p)
}
