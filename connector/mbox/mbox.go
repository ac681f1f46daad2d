// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package mbox reads mailing-list archives in mbox form: a file, or a folder of them, compressed with gzip or not, as
// mail programs, Mailman and Google Takeout write them.
//
// # Two runs over the archive
//
// The first run reads the headers only. From them it works out the threads over the whole archive, since a reply may
// stand before the message that it answers, or in another file; the list that each file belongs to; the name that each
// address used last; and which hidden addresses are ones that the archive shows elsewhere. The second run tells the
// messages. A read that goes on from a cursor makes the first run again, so it finds the same threads.
//
// Both runs stream: one message is in memory at a time. What the first run keeps grows with the number of messages and
// is bounded. How a message becomes facts is in package mailmessage, which the connector of a list's mailbox shares.
package mbox

import (
	"os"
	"path/filepath"
	"strings"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/mailmessage"
)

// The options.
const (
	optPath       = "path"
	optList       = "list"
	optArchiveURL = "message-url"
)

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind:     "mbox",
		Title:    "Mailing-list archive (mbox)",
		Platform: "mail",
		Summary:  "Messages and threads of a mailing list or group, from mbox files.",
		Help: `Get the archive as one or more mbox files:

- **Mailman 2:** on the list's archive page, download the "Gzip'd Text" or "Text" file of each month, or ask the list's admin for ` + "`LIST.mbox`" + `, which holds more.
- **Mailman 3 (HyperKitty):** on the list's page, **Download** gives a ` + "`.mbox.gz`" + `.
- **Google Groups:** export the group with Google Takeout; the mbox file is in the folder of the group.
- **A mailbox in Thunderbird or Apple Mail:** export the folder as mbox.

Give the file here, or the folder that holds them. There is no need to unpack ` + "`.gz`" + ` files.`,
		Primary: optPath,
		Options: []connector.Option{
			{
				Name: optPath, Label: "Archive", Type: connector.Path, Required: true, Example: "/data/users-list",
				Help: "An mbox file, or a folder of files ending in .mbox, .mbx, .txt or no dot at all, also with .gz behind.",
			},
			{
				Name: optList, Label: "Name of the list", Type: connector.Text, Example: "users",
				Help: "Puts all messages into one channel of this name. Without it, the channel is the list named in the messages, else the file or folder.",
			},
			{
				Name: optArchiveURL, Label: "Address of a message", Type: connector.Text, Example: "https://lists.example.org/message-id/{id}",
				Help: "Where a message can be seen, with {id} for its Message-ID. Without it, messages link where their Archived-At header says.",
			},
		},
		New: newSource,
	}
}

// source is one configured archive.
type source struct {
	path       string
	list       string
	messageURL string
	limit      int // bytes of a message
}

// maxMessage is how large a message may be, in bytes.
const maxMessage = 32 << 20

func newSource(_ connector.Env, v connector.Values) (connector.Source, error) {
	s := &source{path: strings.TrimSpace(v[optPath]), list: strings.TrimSpace(v[optList]), messageURL: strings.TrimSpace(v[optArchiveURL]), limit: maxMessage}
	if s.path == "" {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "say where the mail archive is: an mbox file, or a folder of them")
	}
	if _, err := os.Stat(s.path); err != nil {
		return nil, &greenroom.Error{
			Code: greenroom.CodeInvalid, Err: err,
			Message: "there is no readable file or folder " + s.path + "; give an mbox file, or a folder of them",
		}
	}
	if s.messageURL != "" && (mailmessage.WebAddress(strings.ReplaceAll(s.messageURL, "{id}", "x")) == "" || !strings.Contains(s.messageURL, "{id}")) {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the address of a message %q is not one like https://lists.example.org/message-id/{id}", s.messageURL)
	}
	if abs, err := filepath.Abs(s.path); err == nil {
		s.path = abs
	}
	return s, nil
}
