// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package telegramexport reads what Telegram Desktop exports as JSON: the history of one group or channel, or everything
// of an account.
//
// An export is one file, result.json, which can be gigabytes long; one message is held at a time. The history of one chat
// is the chat itself; an export of an account holds lists of chats, in the same form. A folder is read as all files of
// that kind in it, sorted by name, so that several groups can be imported as one source.
//
// People are told once, where they first occur. Whether somebody occurred before depends on all that was read before; so
// a read that goes on from a cursor first runs over the earlier messages without telling anything. That makes an
// interrupted import end in exactly what one without interruption would have given.
//
// What an export does not say: who was added or removed by somebody else, but for the name; what belongs to which topic
// of a group with topics, but for messages that answer nothing else; and handles.
package telegramexport

import (
	"os"
	"time"

	"greenroom"
	"greenroom/connector"
)

// Kind is what the connector is called.
const Kind = "telegram-export"

const title = "Telegram export"

// The options.
const (
	optPath   = "path"
	optDirect = "include-direct"
	optZone   = "time-zone"
)

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "telegram", Primary: optPath, Group: connector.GroupExport,
		Summary:  "Messages, replies, edits, reactions, joins and leaves of Telegram groups and channels, from an export of Telegram Desktop.",
		Keywords: []string{"chat", "messenger", "group", "channel"},
		Help: `Telegram Desktop writes the export; the apps for phones and the web cannot. Any member of a group can do it, unless the group
restricts saving content: then Telegram offers no export.

1. Install [Telegram Desktop](https://desktop.telegram.org) (on a Mac: *Telegram Lite*, or the version from that page) and open
   the group or channel; of a group with topics, the group and not a topic.
2. Open the menu **⋮** at the top right, **Export chat history**. Untick photos, videos and files: they are not needed.
3. Under **Format**, choose **Machine-readable JSON**, then **Export**. Telegram may ask you to wait a day, for safety.
4. Give the folder that it wrote here (*ChatExport_…*), or the file ` + "`result.json`" + ` in it. A folder with several such folders
   works, too.

An export of the whole account (*Settings → Advanced → Export Telegram data*) works, too: untick **Only my messages** for groups
and channels there, since nothing that others wrote is in it otherwise. Channels that you have left come with your own messages only.

Export the group again at any time and import it into the same source: what is known already stays as it is.
Exports made before April 2021 number groups in another way: what they have in common with a newer export of the group comes in twice.`,
		Options: options(),
		New:     newSource,
	}
}

func options() []connector.Option {
	return []connector.Option{
		{
			Name: optPath, Label: "Export", Type: connector.Path, Required: true,
			Help: "The file result.json that Telegram Desktop wrote, or a folder with such files.", Example: "/data/ChatExport_2026-03-01",
		},
		{
			Name: optDirect, Label: "Direct chats", Type: connector.Bool, Default: "false",
			Help: "Also read chats between two people and saved messages where the export holds them. They are left out and counted otherwise.",
		},
		{
			Name: optZone, Label: "Time zone", Type: connector.Text, Default: "UTC",
			Help: "The time zone of the computer that made the export. Needed only for exports older than 2022, whose times say no zone.", Example: "Europe/Berlin",
		},
	}
}

// source is one configured export.
type source struct {
	path   string
	direct bool
	zone   *time.Location
}

func newSource(env connector.Env, values connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), values, env.Now())
	if err != nil {
		return nil, err
	}
	s := &source{path: set.Text(optPath), direct: set.On(optDirect)}
	if _, err := os.Stat(s.path); err != nil {
		return nil, &greenroom.Error{
			Code: greenroom.CodeInvalid, Err: err,
			Message: "there is no readable file or folder " + s.path + "; give the file result.json that Telegram Desktop wrote, or the folder with it",
		}
	}
	if s.zone, err = time.LoadLocation(set.Text(optZone)); err != nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a time zone; expected a name such as Europe/Berlin", set.Text(optZone))
	}
	return s, nil
}
