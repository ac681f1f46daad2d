// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/auth"
)

// ImportRequest says what to import.
type ImportRequest struct {
	Kind    string            `json:"kind" doc:"The connector, as GET /connectors names it."`
	Source  string            `json:"source" doc:"The source's name, of your choice. One that exists is read again; what is known stays as it is."`
	Options map[string]string `json:"options,omitempty" doc:"The connector's options by name, each as text. Paths are paths on the server. Left out for a source that exists: those of its last import."`
}

// ImportState is how an import goes.
type ImportState struct {
	Source  string        `json:"source" doc:"The source's name."`
	Running bool          `json:"running" doc:"It is being read at this moment."`
	Run     greenroom.Run `json:"run" doc:"The run with its counts so far."`
	Push    *PushInfo     `json:"push,omitempty" doc:"Where the platform pushes to, when the import was started; make the secret with POST /sources/{name}/push/secret. Left out where it does not push."`
}

const maxSourceName = 100

func (a *api) importOps() []op {
	source := nameParam("source", "The source's name.", "slack-acme")
	return []op{
		{
			method: http.MethodPost, path: "/imports", id: "startImport", tag: "Sources", need: auth.Connect,
			summary: "Start an import",
			text: "Begins to read an export, an archive or a public place in the background, and answers at once. Ask GET /imports/{source} how it goes. " +
				"Importing the same again changes nothing; an import that was interrupted goes on where it was.",
			status: http.StatusAccepted, repeatable: true,
			body: &content{of: ImportRequest{}, text: "What to import.", example: ImportRequest{
				Kind: "slack-export", Source: "slack-acme", Options: map[string]string{"path": "/data/acme export.zip"},
			}},
			reply: content{of: ImportState{}, text: "The import has begun.", example: ImportState{Source: "slack-acme", Running: true, Run: *exampleRun()}},
			do:    a.startImport,
		},
		{
			method: http.MethodGet, path: "/imports/{source}", id: "getImport", tag: "Sources", need: auth.Read,
			summary: "How an import goes",
			text:    "The newest run of a source. While it is running, done of total says how far it has come.",
			params:  []param{source},
			reply:   content{of: ImportState{}, example: ImportState{Source: "slack-acme", Running: true, Run: *exampleRun()}},
			do:      a.getImport,
		},
		{
			method: http.MethodDelete, path: "/imports/{source}", id: "stopImport", tag: "Sources", need: auth.Connect,
			summary: "Stop an import",
			text:    "Stops the import that is running. What was stored stays; starting the same import again goes on from there.",
			params:  []param{source},
			reply:   content{of: ImportState{}, text: "The import has ended.", example: ImportState{Source: "slack-acme", Run: *exampleRun()}},
			do: func(c *call) (answer, error) {
				if err := a.Imports.StopImport(c.ctx(), c.text("source")); err != nil {
					return answer{}, err
				}
				if err := a.Audit.Audit(c.ctx(), c.caller, "import.stop", "source "+c.text("source"), ""); err != nil {
					return answer{}, err
				}
				return a.getImport(c)
			},
		},
		{
			method: http.MethodPost, path: "/rebuild", id: "rebuild", tag: "Sources", need: auth.Connect,
			summary: "Compute everything derived again",
			text: "Throws away what is computed from the facts (sums, conversations, the full-text index, figures) and computes it again in the background. " +
				"Facts and decisions stay. Seldom needed; lists and figures are incomplete until it is done.",
			status: http.StatusAccepted, repeatable: true, timeout: longTimeout,
			reply: content{text: "The work has begun."},
			do: func(c *call) (answer, error) {
				if err := a.Rebuild(c.ctx()); err != nil {
					return answer{}, err
				}
				return answer{}, a.Audit.Audit(c.ctx(), c.caller, "rebuild", "", "")
			},
		},
	}
}

func (a *api) startImport(c *call) (answer, error) {
	req, err := decode[ImportRequest](c)
	if err != nil {
		return answer{}, err
	}
	if err := a.knownOptions(c, &req); err != nil {
		return answer{}, err
	}
	spec, err := a.checkImport(&req)
	if err != nil {
		return answer{}, err
	}
	src, run, err := a.Imports.StartImport(c.ctx(), Import{Spec: *spec, Source: req.Source, Values: connector.Values(req.Options)})
	if err != nil {
		return answer{}, err
	}
	if err := a.Audit.Audit(c.ctx(), c.caller, "import.start", "source "+src.Name, "kind "+src.Kind); err != nil {
		return answer{}, err
	}
	state := ImportState{Source: src.Name, Running: true, Run: run}
	if spec.Push != nil {
		info := pushInfo(spec, src.Name, "")
		state.Push = &info
	}
	return answer{
		body:   state,
		header: http.Header{"Location": {address("imports", src.Name)}},
	}, nil
}

// knownOptions fills in the options of a source that is read again.
func (a *api) knownOptions(c *call, req *ImportRequest) error {
	if req.Options != nil || req.Source == "" {
		return nil
	}
	src, err := a.Sources.Source(c.ctx(), req.Source)
	switch {
	case greenroom.ErrorCode(err) == greenroom.CodeNotFound:
		return nil
	case err != nil:
		return err
	case src.Kind == req.Kind:
		req.Options = src.Config
	}
	return nil
}

// checkImport checks what does not need the connector itself.
func (a *api) checkImport(req *ImportRequest) (*connector.Spec, error) {
	spec, known := a.connectorOf(req.Kind)
	if !known {
		var kinds []string
		for i := range a.Connectors {
			kinds = append(kinds, a.Connectors[i].Kind)
		}
		return nil, wrong("kind", "there is no connector %q; there are %s", req.Kind, strings.Join(kinds, ", "))
	}
	if name := req.Source; name == "" || len(name) > maxSourceName || strings.TrimSpace(name) != name || strings.ContainsFunc(name, unicode.IsControl) {
		return nil, wrong("source", "a source needs a name of at most %d characters, such as %s-acme", maxSourceName, spec.Platform)
	}
	if err := onlyKnown(spec, req.Options); err != nil {
		return nil, err
	}
	for _, o := range spec.Options {
		v := req.Options[o.Name]
		if o.Required && o.Default == "" && v == "" {
			return nil, wrong("options."+o.Name, "the option %s is missing: %s", o.Name, o.Help)
		}
		if o.Type == connector.Choice && v != "" && !slices.Contains(o.Choices, v) {
			return nil, wrong("options."+o.Name, "%s is one of %s, not %q", o.Name, strings.Join(o.Choices, ", "), v)
		}
	}
	return spec, nil
}

// onlyKnown refuses options that a connector does not have.
func onlyKnown(spec *connector.Spec, options map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(options)) {
		if !slices.ContainsFunc(spec.Options, func(o connector.Option) bool { return o.Name == name }) {
			return wrong("options."+name, "%s has no option %q", spec.Kind, name)
		}
	}
	return nil
}

func (a *api) getImport(c *call) (answer, error) {
	name := c.text("source")
	src, err := a.Sources.Source(c.ctx(), name)
	if err != nil {
		return answer{}, err
	}
	if run, running := a.Imports.RunningImport(name); running {
		return ok(ImportState{Source: name, Running: true, Run: run})
	}
	runs, err := a.Sources.Runs(c.ctx(), src.ID, 1)
	if err != nil {
		return answer{}, err
	}
	if len(runs) == 0 {
		return answer{}, greenroom.Errorf(greenroom.CodeNotFound, "the source %q has not been read yet", name)
	}
	// A run of another process, such as the command line, is running as far as the store knows.
	return ok(ImportState{Source: name, Running: runs[0].State == greenroom.RunRunning, Run: runs[0]})
}
