// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Mailcheck holds what Greenroom stored of a mailbox against what the IMAP server says, message by message, and prints the
// differences. It speaks IMAP by itself and shares no code with the connector.
//
//	greenroom import imap mail.example.org --source list --user greenroom --password PASSWORD --folders "INBOX, Lists/users"
//	greenroom list activities --query source:list --format jsonl > stored.jsonl
//	go run -C tools ./mailcheck -server mail.example.org:993 -user greenroom -password PASSWORD -folders "INBOX, Lists/users" -stored stored.jsonl
//
// Every Message-ID of the folders has to be stored once, at the time of the first message that has it: of its Date, or,
// where that cannot be read, of the server's own. Messages without a Message-ID are counted by time. What is stored and
// not on the server is printed and not judged, since what a mailbox deletes stays stored. The exit code is 1 where something differs.
package main

import (
	"bufio"
	"cmp"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/mail"
	"net/textproto"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// message is a message of a folder, or an activity that is stored.
type message struct {
	ID string    `json:"external_id"`
	At time.Time `json:"occurred_at"`
}

func main() {
	server := flag.String("server", "", "host and port")
	user := flag.String("user", "", "the mailbox")
	password := flag.String("password", os.Getenv("MAIL_PASSWORD"), "its password; MAIL_PASSWORD if not given")
	folders := flag.String("folders", "INBOX", "the folders, with commas between")
	stored := flag.String("stored", "-", "what `greenroom list activities --format jsonl` printed; - = standard input")
	plain := flag.Bool("plain", false, "without TLS: for servers on this machine")
	anyone := flag.Bool("any-certificate", false, "take a certificate that nobody vouches for: for servers on this machine")
	flag.Parse()
	differences, err := run(*server, *user, *password, strings.Split(*folders, ","), *stored, *plain, *anyone)
	switch {
	case err != nil:
		_, _ = fmt.Fprintln(os.Stderr, "mailcheck:", err)
		os.Exit(2)
	case differences > 0:
		os.Exit(1)
	}
}

func run(server, user, password string, folders []string, stored string, plain, anyone bool) (int, error) {
	if server == "" || user == "" {
		return 0, errors.New("-server and -user are needed; see -help")
	}
	have, err := read(stored)
	if err != nil {
		return 0, fmt.Errorf("reading what is stored: %w", err)
	}
	c, err := dial(server, plain, anyone)
	if err != nil {
		return 0, err
	}
	defer func() { _ = c.conn.Close() }()
	if _, err := c.ask("LOGIN " + quote(user) + " " + quote(password)); err != nil {
		return 0, fmt.Errorf("signing in: %w", err)
	}
	var all []message
	for _, folder := range folders {
		some, err := c.folder(strings.TrimSpace(folder))
		if err != nil {
			return 0, fmt.Errorf("the folder %s: %w", folder, err)
		}
		_, _ = fmt.Fprintf(os.Stdout, "%s: %d messages\n", strings.TrimSpace(folder), len(some))
		all = append(all, some...)
	}
	return compare(all, have, os.Stdout), nil
}

// read reads what is stored, one JSON object a line.
func read(name string) ([]message, error) {
	in := io.Reader(os.Stdin)
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	var all []message
	d := json.NewDecoder(in)
	for {
		var m message
		if err := d.Decode(&m); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
}

// compare prints each difference, and returns how many there are.
func compare(server, stored []message, out io.Writer) (differences int) {
	differ := func(format string, args ...any) {
		differences++
		_, _ = fmt.Fprintf(out, "  "+format+"\n", args...)
	}
	byID, unnamed := map[string]message{}, map[int64]int{}
	doubles, without := 0, 0
	for _, m := range stored {
		if _, twice := byID[m.ID]; twice {
			differ("stored twice: %s", m.ID)
		}
		byID[m.ID] = m
		if strings.HasPrefix(m.ID, "content:") {
			unnamed[m.At.Unix()]++
		}
	}
	seen := map[string]bool{}
	for _, m := range server {
		s, there := byID[m.ID]
		switch {
		case m.ID == "":
			without++
			if unnamed[m.At.Unix()]--; unnamed[m.At.Unix()] < 0 {
				differ("missing: a message without an id of %s", m.At.UTC().Format(time.DateTime))
			}
		case seen[m.ID]:
			doubles++
		case !there:
			differ("missing: %s of %s", m.ID, m.At.UTC().Format(time.DateTime))
		case s.At.Unix() != m.At.Unix():
			differ("differs: %s is stored at %s, the server says %s", m.ID, s.At.UTC().Format(time.DateTime), m.At.UTC().Format(time.DateTime))
		}
		seen[m.ID] = true
	}
	more := 0
	for _, m := range stored {
		if !seen[m.ID] && !strings.HasPrefix(m.ID, "content:") {
			more++
		}
	}
	_, _ = fmt.Fprintf(out, "server: %d messages, %d of them without an id, %d with the id of an earlier one\nstored: %d, %d of them no longer on the server\n%d differences\n",
		len(server), without, doubles, len(stored), more, differences)
	return differences
}

// client speaks IMAP4rev1 (RFC 3501).
type client struct {
	conn net.Conn
	in   *bufio.Reader
	tag  int
}

func dial(server string, plain, anyone bool) (*client, error) {
	var conn net.Conn
	var err error
	if plain {
		conn, err = net.Dial("tcp", server) //nolint:noctx // run by hand
	} else {
		conn, err = tls.Dial("tcp", server, &tls.Config{InsecureSkipVerify: anyone, MinVersion: tls.VersionTLS12}) //nolint:gosec,noctx // for servers on this machine
	}
	if err != nil {
		return nil, err
	}
	c := &client{conn: conn, in: bufio.NewReader(conn)}
	_, err = c.response()
	return c, err
}

// response is one response of the server: the text, and what stands in it as literals.
type response struct {
	text     string
	literals []string
}

var literal = regexp.MustCompile(`\{(\d+)\}$`)

func (c *client) response() (response, error) {
	var r response
	for {
		line, err := c.in.ReadString('\n')
		if err != nil {
			return r, err
		}
		line = strings.TrimRight(line, "\r\n")
		r.text += line
		m := literal.FindStringSubmatch(line)
		if m == nil {
			return r, nil
		}
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return r, err
		}
		data := make([]byte, n)
		if _, err := io.ReadFull(c.in, data); err != nil {
			return r, err
		}
		r.literals = append(r.literals, string(data))
	}
}

// ask sends a command and returns the responses to it.
func (c *client) ask(command string) ([]response, error) {
	c.tag++
	tag := "c" + strconv.Itoa(c.tag)
	if _, err := fmt.Fprintf(c.conn, "%s %s\r\n", tag, command); err != nil {
		return nil, err
	}
	var all []response
	for {
		r, err := c.response()
		if err != nil {
			return nil, err
		}
		if status, ok := strings.CutPrefix(r.text, tag+" "); ok {
			if !strings.HasPrefix(status, "OK") {
				return nil, errors.New(status)
			}
			return all, nil
		}
		all = append(all, r)
	}
}

var internal = regexp.MustCompile(`INTERNALDATE "([^"]+)"`)

// folder lists the messages of a folder in the order of their UIDs.
func (c *client) folder(name string) ([]message, error) {
	opened, err := c.ask("EXAMINE " + quote(encode(name)))
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(opened, func(r response) bool { return r.text == "* 0 EXISTS" }) {
		return nil, nil
	}
	fetched, err := c.ask("FETCH 1:* (INTERNALDATE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID DATE)])")
	if err != nil {
		return nil, err
	}
	var all []message
	for _, r := range fetched {
		if len(r.literals) != 1 || !strings.Contains(r.text, " FETCH ") {
			continue
		}
		h, _ := textproto.NewReader(bufio.NewReader(strings.NewReader(r.literals[0]))).ReadMIMEHeader() // what can be read of it
		m := message{ID: strings.Trim(strings.TrimSpace(h.Get("Message-Id")), "<>")}
		if m.At, err = mail.ParseDate(h.Get("Date")); err != nil {
			noted := internal.FindStringSubmatch(r.text)
			if noted == nil {
				return nil, fmt.Errorf("the server gives no INTERNALDATE: %s", r.text)
			}
			if m.At, err = time.Parse("_2-Jan-2006 15:04:05 -0700", noted[1]); err != nil {
				return nil, err
			}
		}
		all = append(all, m)
	}
	return all, nil
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// encode writes a folder's name in modified UTF-7 (RFC 3501, 5.1.3).
func encode(name string) string {
	var out strings.Builder
	var wide []uint16
	flush := func() {
		if len(wide) == 0 {
			return
		}
		var b []byte
		for _, u := range wide {
			b = append(b, byte(u>>8), byte(u))
		}
		out.WriteString("&" + strings.ReplaceAll(base64.RawStdEncoding.EncodeToString(b), "/", ",") + "-")
		wide = nil
	}
	for _, r := range name {
		switch {
		case r < ' ' || r > '~':
			wide = utf16.AppendRune(wide, r)
			continue
		case r == '&':
			flush()
			out.WriteString("&-")
			continue
		}
		flush()
		out.WriteRune(r)
	}
	flush()
	return cmp.Or(out.String(), "INBOX")
}
