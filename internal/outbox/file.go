// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package outbox

// File is what a mail carries beside its text: an attachment, or a picture in its HTML.
type File struct {
	Name   string
	Type   string // media type
	Inline string // the id by which the HTML shows it, as in src="cid:ID"; "" = an attachment
	Data   []byte
}

// filesFit says whether a message's files may be stored and sent.
func (m *Message) filesFit() bool {
	sum := 0
	for i := range m.Files {
		sum += len(m.Files[i].Data)
	}
	return len(m.Files) == 0 || m.Channel == Email && len(m.Files) <= maxFiles && sum <= maxBytes
}
