// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// personTruth is a person in truth.json with all accounts that occur in the files.
type personTruth struct {
	ID           string         `json:"id"`
	Kind         string         `json:"kind"` // member, staff or bot
	Temper       string         `json:"temper"`
	Name         string         `json:"name"`
	Organization string         `json:"organization,omitempty"` // its domain
	Emails       []string       `json:"emails,omitempty"`
	Accounts     []accountTruth `json:"accounts"`
}

type accountTruth struct {
	Platform string `json:"platform"` // name of the folder
	ID       string `json:"id"`       // external id as in the files; of mail the address
	Handle   string `json:"handle"`
	Email    string `json:"email,omitempty"`   // where the files show it
	Website  string `json:"website,omitempty"` // profile link
	Lost     bool   `json:"lost,omitempty"`    // nothing in the files ties it to the person's other accounts
}

// key names a person in truth.json.
func (p *person) key() string { return fmt.Sprintf("p%05d", p.id) }

// writeTruth writes truth.json: {"persons": [...], "conversations": [...]}, an element a line.
func (w *world) writeTruth(out folder, logs [platforms]*ledger) error {
	return out.create("truth.json", func(to io.Writer) error {
		list := &lines{out: to}
		list.raw("{\"persons\":[")
		for _, p := range w.people {
			if t := p.truth(); len(t.Accounts) > 0 {
				list.add(t)
			}
		}
		list.raw("\n],\"conversations\":[")
		list.n = 0
		for _, l := range logs {
			for _, c := range l.conversations {
				list.add(c)
			}
		}
		list.raw("\n]}\n")
		return list.err
	})
}

func (p *person) truth() personTruth {
	t := personTruth{ID: p.key(), Kind: string(p.kind), Temper: p.temper.String(), Name: p.name, Emails: p.emails}
	if p.org != nil {
		t.Organization = p.org.domain
	}
	for _, a := range p.accounts {
		if a != nil && a.listed {
			t.Accounts = append(t.Accounts, accountTruth{folderName(a.platform), a.id, a.handle, a.email, a.website, a.lost})
		}
	}
	return t
}

// lines writes the elements of a JSON array, each on a line, and keeps the first error.
type lines struct {
	out io.Writer
	n   int
	err error
}

func (l *lines) raw(text string) {
	if l.err == nil {
		_, l.err = io.WriteString(l.out, text)
	}
}

func (l *lines) add(v any) {
	var b bytes.Buffer
	if l.n++; l.n > 1 {
		b.WriteByte(',')
	}
	b.WriteByte('\n')
	data, err := json.Marshal(v)
	if l.err == nil {
		l.err = err
	}
	b.Write(data)
	l.raw(b.String())
}
