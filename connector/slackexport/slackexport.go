// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package slackexport reads the export of a Slack workspace: a zip file, or the folder that was unpacked from it.
//
// An export holds users.json, channels.json and further lists, and for each channel a folder with one file a day. The
// files are read in a fixed order: the lists, then the channels by name, then their days. A day file is one array, of
// which one message is held at a time.
//
// # People who are not in users.json
//
// Messages name people and bots that users.json lacks: members of other workspaces in shared channels, bots, and people
// who were removed. They become identities where they first occur, from the profile that the message carries. Whether
// somebody occurred before depends on all that was read before; so a read that goes on from a cursor first runs over
// the earlier files again without telling anything. That costs a second per few hundred megabytes and only after an
// interruption, and makes an interrupted import end in exactly what one without interruption would have given.
package slackexport

import (
	"net/url"
	"os"
	"strings"

	"greenroom"
	"greenroom/connector"
)

// The options.
const (
	optPath         = "path"
	optPrivate      = "include-private"
	optWorkspaceURL = "workspace-url"
)

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind:     "slack-export",
		Title:    "Slack workspace export",
		Platform: "slack",
		Summary:  "Members, messages, threads, reactions, joins and leaves of a Slack workspace, from its export.",
		Help: `A workspace owner or admin makes the export:

1. In Slack, open **Tools & settings → Workspace settings**, then **Security → Import & export data → Export**.
2. Choose a date range, **Entire history** for the first import, and **Start export**.
3. Slack sends an e-mail when the file is ready. Download the zip file; there is no need to unpack it.
4. Give the zip file here, or the folder with ` + "`users.json`" + ` and ` + "`channels.json`" + ` in it.

Import a newer export of the same workspace into the same source at any time: what is known already stays as it is.`,
		Primary: optPath,
		Options: []connector.Option{
			{
				Name: optPath, Label: "Export", Type: connector.Path, Required: true,
				Help:    "The zip file that Slack made, or the folder that was unpacked from it.",
				Example: "/data/acme Slack export Jan 1 2024 - Jun 30 2025.zip",
			},
			{
				Name: optPrivate, Label: "Private channels and direct messages", Type: connector.Bool, Default: "false",
				Help: "Also read private channels and direct messages where the export holds them. They are left out and counted otherwise.",
			},
			{
				Name: optWorkspaceURL, Label: "Workspace address", Type: connector.Text,
				Help:    "The address of the workspace. With it, every message and profile links to Slack.",
				Example: "https://acme.slack.com",
			},
		},
		New: newSource,
	}
}

// source is one configured export.
type source struct {
	env       connector.Env
	path      string
	private   bool
	workspace string // "https://acme.slack.com" or ""
}

func newSource(env connector.Env, v connector.Values) (connector.Source, error) {
	s := &source{env: env, path: strings.TrimSpace(v[optPath])}
	if s.path == "" {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "say where the Slack export is: the zip file, or the folder that was unpacked from it")
	}
	if _, err := os.Stat(s.path); err != nil {
		return nil, &greenroom.Error{
			Code: greenroom.CodeInvalid, Err: err,
			Message: "there is no readable file or folder " + s.path + "; give the zip file of the Slack export, or the folder that was unpacked from it",
		}
	}
	switch v[optPrivate] {
	case "", "false":
	case "true":
		s.private = true
	default:
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the option %s is true or false, not %q", optPrivate, v[optPrivate])
	}
	var err error
	s.workspace, err = workspaceURL(v[optWorkspaceURL])
	return s, err
}

// workspaceURL brings what a person writes ("acme", "acme.slack.com", "https://acme.slack.com/") to one form.
func workspaceURL(s string) (string, error) {
	s = strings.TrimRight(strings.TrimSpace(s), "/")
	if s == "" {
		return "", nil
	}
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return "", greenroom.Errorf(greenroom.CodeInvalid, "the workspace address %q is not one like https://acme.slack.com", s)
	}
	if !strings.Contains(u.Host, ".") {
		u.Host += ".slack.com"
	}
	return u.Scheme + "://" + u.Host, nil
}
