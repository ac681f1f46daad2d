// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	listAddress = "users@lists.lumen.example"
	listName    = "Lumen users"
	mailTime    = "Mon, 02 Jan 2006 15:04:05 -0700"
)

// letter is one message of the mailing list. An archive is in order of arrival, which mixes the threads.
type letter struct {
	t     *thread
	index int
}

func (w *world) writeMail(l *ledger) error {
	var letters []letter
	err := w.threads(mail, nil, func(t *thread) error {
		for i := range t.posts {
			letters = append(letters, letter{t, i})
		}
		l.wrote(t, letter{t, 0}.id())
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(letters, func(a, b letter) int { return cmp.Or(a.post().at.Compare(b.post().at), cmp.Compare(a.t.id, b.t.id)) })
	return l.out.create("users.mbox", func(out io.Writer) error {
		var b bytes.Buffer
		for _, x := range letters {
			if err := x.write(&b); err != nil {
				return err
			}
			if _, err := b.WriteTo(out); err != nil {
				return err
			}
		}
		return nil
	})
}

func (x letter) post() *post { return &x.t.posts[x.index] }

// id is the Message-ID without its brackets; mail programs make them of very different kinds, here it is by sender.
func (x letter) id() string {
	p := x.post()
	n := scramble(uint64(p.at.UnixNano()) + uint64(x.t.id)<<8 + uint64(x.index))
	_, domain, _ := strings.Cut(p.author.accounts[mail].email, "@")
	if p.author.id%2 == 0 {
		return fmt.Sprintf("%x.%d@%s", n, p.at.Unix(), domain)
	}
	return "CA" + base36(n, 12) + "=" + base36(scramble(n), 10) + "@mail." + domain
}

// parent is the letter that this one answers.
func (x letter) parent() (letter, bool) {
	to := x.post().parent
	return letter{x.t, to}, to >= 0
}

// references lists the ids from the opening down to the letter that this one answers.
func (x letter) references() []string {
	var ids []string
	for at, ok := x.parent(); ok; at, ok = at.parent() {
		ids = append(ids, "<"+at.id()+">")
	}
	slices.Reverse(ids)
	return ids
}

func (x letter) write(b *bytes.Buffer) error {
	p := x.post()
	a := p.author.accounts[mail]
	at := p.at.In(time.FixedZone("", int(p.author.place.offset/time.Second)))
	subject := x.t.title
	if subject == "" {
		subject = "Hello"
	}
	if x.index > 0 {
		subject = "Re: [lumen-users] " + subject
	} else {
		subject = "[lumen-users] " + subject
	}
	fmt.Fprintf(b, "From %s %s\n", a.email, p.at.UTC().Format(time.ANSIC))
	fmt.Fprintf(b, "From: %s <%s>\n", encodeName(a.display), a.email)
	fmt.Fprintf(b, "To: %s <%s>\n", listName, listAddress)
	fmt.Fprintf(b, "Date: %s\n", at.Format(mailTime))
	fmt.Fprintf(b, "Subject: %s\n", fold(mime.QEncoding.Encode("utf-8", subject)))
	fmt.Fprintf(b, "Message-ID: <%s>\n", x.id())
	if refs := x.references(); len(refs) > 0 {
		fmt.Fprintf(b, "In-Reply-To: %s\n", refs[len(refs)-1])
		fmt.Fprintf(b, "References: %s\n", strings.Join(refs, "\n "))
	}
	fmt.Fprintf(b, "List-Id: %s <users.lists.lumen.example>\n", listName)
	fmt.Fprintf(b, "List-Post: <mailto:%s>\n", listAddress)
	b.WriteString("MIME-Version: 1.0\n")
	return x.body(b, x.text())
}

// text is what the letter says, with a quotation of what it answers and a signature.
func (x letter) text() string {
	p := x.post()
	var b strings.Builder
	if up, ok := x.parent(); ok {
		to := up.post()
		fmt.Fprintf(&b, "On %s, %s wrote:\n", to.at.Format("Mon, 2 Jan 2006"), to.author.accounts[mail].display)
		lines := strings.Split(strings.TrimSpace(asText(to.body)), "\n")
		for _, line := range lines[:min(len(lines), 6)] {
			b.WriteString("> " + line + "\n")
		}
		b.WriteString("\n")
	}
	b.WriteString(asText(p.body))
	if p.author.id%3 == 0 && !p.author.accounts[mail].lost {
		b.WriteString("\n-- \n" + p.author.name + "\n")
		if p.author.org != nil && p.author.title != "" {
			b.WriteString(p.author.title + ", " + p.author.org.name + "\n")
		}
	}
	return b.String()
}

// body writes the text in one of the ways mail programs have: plain, quoted-printable, base64, or with an HTML twin.
func (x letter) body(b *bytes.Buffer, text string) error {
	plainText := isASCII(text)
	switch kind := x.post().author.id % 5; {
	case kind == 4:
		boundary := "=_lumen_" + strconv.FormatUint(scramble(uint64(x.t.id*32+x.index)), 36)
		fmt.Fprintf(b, "Content-Type: multipart/alternative; boundary=\"%s\"\n\n--%s\n", boundary, boundary)
		if err := part(b, "text/plain", text); err != nil {
			return err
		}
		fmt.Fprintf(b, "--%s\n", boundary)
		if err := part(b, "text/html", "<html><body>"+asHTML(x.post().body, "")+"</body></html>\n"); err != nil {
			return err
		}
		fmt.Fprintf(b, "--%s--\n\n", boundary)
	case plainText && kind > 0:
		b.WriteString("Content-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit\n\n")
		b.WriteString(escapeFrom(text) + "\n")
	case kind == 2:
		b.WriteString("Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: base64\n\n")
		for line := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString([]byte(text))), 76) {
			b.Write(line)
			b.WriteByte('\n')
		}
		b.WriteByte('\n')
	default:
		return part(b, "text/plain", text)
	}
	return nil
}

// part writes headers and text in quoted-printable.
func part(b *bytes.Buffer, kind, text string) error {
	b.WriteString("Content-Type: " + kind + "; charset=UTF-8\nContent-Transfer-Encoding: quoted-printable\n\n")
	var encoded bytes.Buffer
	q := quotedprintable.NewWriter(&encoded)
	if _, err := io.WriteString(q, text); err != nil {
		return err
	}
	if err := q.Close(); err != nil {
		return err
	}
	b.WriteString(escapeFrom(strings.ReplaceAll(encoded.String(), "\r\n", "\n")) + "\n")
	return nil
}

// escapeFrom marks lines that would look like the beginning of the next message.
func escapeFrom(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(strings.TrimLeft(line, ">"), "From ") {
			lines[i] = ">" + line
		}
	}
	return strings.Join(lines, "\n")
}

func encodeName(name string) string {
	if isASCII(name) {
		return name
	}
	return mime.QEncoding.Encode("utf-8", name)
}

// fold breaks an encoded header between its words.
func fold(header string) string { return strings.ReplaceAll(header, "?= =?", "?=\n =?") }

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
