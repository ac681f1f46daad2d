// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mailmessage

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// Header holds the fields of a message or part in order, names in lower case, values unfolded and not decoded.
type Header []field

type field struct {
	name  string
	value []byte
}

// maxFields bounds how many fields of a header are kept.
const maxFields = 500

// ParseHeader reads the header off the front of a message and returns its body. It forgives what mail in the wild has:
// lines without a colon are dropped, and where the first line is no field at all, there is no header.
func ParseHeader(data []byte) (Header, []byte) {
	h := make(Header, 0, 24)
	rest := data
	for len(rest) > 0 {
		line, after := cutLine(rest)
		if len(line) == 0 {
			return h, after
		}
		switch name := HeaderName(line); {
		case line[0] == ' ' || line[0] == '\t':
			if len(h) > 0 {
				last := &h[len(h)-1]
				last.value = append(append(last.value[:len(last.value):len(last.value)], ' '), bytes.TrimSpace(line)...)
			}
		case name != "":
			if len(h) < maxFields {
				h = append(h, field{name: name, value: bytes.TrimSpace(line[bytes.IndexByte(line, ':')+1:])})
			}
		case len(h) == 0 && !bytes.HasPrefix(line, []byte("From ")) && !bytes.HasPrefix(line, []byte(">From ")):
			return nil, data
		}
		rest = after
	}
	return h, nil
}

// cutLine cuts the first line off, without its end.
func cutLine(b []byte) (line, rest []byte) {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		return bytes.TrimRight(b, "\r"), nil
	}
	return bytes.TrimRight(b[:i], "\r"), b[i+1:]
}

// Get returns the first field of a name, not decoded.
func (h Header) Get(name string) string {
	for i := range h {
		if h[i].name == name {
			return string(h[i].value)
		}
	}
	return ""
}

// text returns the first field of a name, decoded, on one line.
func (h Header) text(name string) string {
	for i := range h {
		if h[i].name == name {
			return decodeWords(h[i].value)
		}
	}
	return ""
}

// messageIDs lists the ids in a field such as References: what stands in angle brackets, else the words that look so.
func messageIDs(value string) []string {
	var ids []string
	rest := value
	for {
		i := strings.IndexByte(rest, '<')
		if i < 0 {
			break
		}
		j := strings.IndexByte(rest[i:], '>')
		if j < 0 {
			break
		}
		if id := cleanID(rest[i+1 : i+j]); id != "" {
			ids = append(ids, id)
		}
		rest = rest[i+j+1:]
	}
	if ids == nil && !strings.ContainsAny(value, "<>") {
		for w := range strings.FieldsSeq(value) {
			if strings.Count(w, "@") == 1 && len(w) > 2 {
				if id := cleanID(w); id != "" {
					ids = append(ids, id)
				}
			}
		}
	}
	return ids
}

// maxID is how long a message id may be; a longer one is no id.
const maxID = 500

func cleanID(s string) string {
	if strings.ContainsAny(s, " \t") {
		s = strings.Join(strings.Fields(s), "")
	}
	if s = ValidText(s); len(s) > maxID {
		return ""
	}
	return s
}

// decodeWords decodes the encoded words ("=?UTF-8?Q?J=C3=B6rg?=") of a header value, in the broken forms too: with
// spaces inside, without an end, side by side without a space between, and with a character cut in two by a fold.
func decodeWords(v []byte) string {
	if !bytes.Contains(v, []byte("=?")) {
		return oneLine(decodeCharset("", v))
	}
	var out strings.Builder
	var pending []byte // bytes of neighboring words of one charset, which may hold halves of a character
	pendingSet := ""
	flush := func() {
		if len(pending) > 0 {
			out.WriteString(decodeCharset(pendingSet, pending))
			pending = nil
		}
	}
	rest := v
	for len(rest) > 0 {
		i := bytes.Index(rest, []byte("=?"))
		if i < 0 {
			break
		}
		set, text, after, ok := encodedWord(rest[i:])
		between := rest[:i]
		if ok && len(pending) > 0 && len(bytes.TrimSpace(between)) == 0 {
			between = nil // white space between two encoded words is not text
		}
		if len(between) > 0 || !ok {
			flush()
			out.WriteString(decodeCharset("", between))
		}
		if !ok {
			out.WriteString("=?")
			rest = rest[i+2:]
			continue
		}
		if set != pendingSet {
			flush()
		}
		pending, pendingSet = append(pending, text...), set
		rest = after
	}
	flush()
	out.WriteString(decodeCharset("", rest))
	return oneLine(out.String())
}

// encodedWord decodes the word at the front of b.
func encodedWord(b []byte) (charset string, text, rest []byte, ok bool) {
	parts := bytes.SplitN(b[2:], []byte("?"), 3)
	if len(parts) < 3 || len(parts[0]) == 0 || len(parts[0]) > 40 || len(parts[1]) != 1 || bytes.ContainsAny(parts[0], " \t=<>") {
		return "", nil, nil, false
	}
	body := parts[2]
	if end := bytes.Index(body, []byte("?=")); end >= 0 {
		body, rest = body[:end], body[end+2:]
	} else if end := bytes.IndexAny(body, "<(\""); end >= 0 { // the end is missing
		body, rest = body[:end], body[end:]
	}
	charset, _, _ = strings.Cut(strings.ToLower(string(parts[0])), "*") // a language may follow
	switch parts[1][0] {
	case 'q', 'Q':
		return charset, decodeQ(body), rest, true
	case 'b', 'B':
		return charset, decodeBase64(body), rest, true
	}
	return "", nil, nil, false
}

// decodeQ decodes the Q encoding of headers. What is not one is kept as it is.
func decodeQ(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] == '_':
			out = append(out, ' ')
		case b[i] == '=' && i+2 < len(b) && hexValue(b[i+1]) >= 0 && hexValue(b[i+2]) >= 0:
			out = append(out, byte(hexValue(b[i+1])<<4|hexValue(b[i+2])))
			i += 2
		default:
			out = append(out, b[i])
		}
	}
	return out
}

func hexValue(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// decodeBase64 decodes what it can: characters that do not belong are dropped, a missing end is made up.
func decodeBase64(b []byte) []byte {
	kept := make([]byte, 0, len(b))
	for _, c := range b {
		switch {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/':
			kept = append(kept, c)
		case c == '-':
			kept = append(kept, '+')
		case c == '_':
			kept = append(kept, '/')
		}
	}
	if len(kept)%4 == 1 {
		kept = kept[:len(kept)-1]
	}
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(kept)))
	n, err := base64.RawStdEncoding.Decode(out, kept)
	if err != nil {
		return out[:max(n, 0)] // cannot happen with what was kept; what came before it holds in any case
	}
	return out[:n]
}

// HeaderName is the lower-case name of the header field that a line begins, "" where it begins none.
func HeaderName(line []byte) string {
	i := bytes.IndexByte(line, ':')
	if i < 1 || i > 76 {
		return ""
	}
	name := bytes.TrimRight(line[:i], " \t")
	for _, c := range name {
		if c <= ' ' || c >= 0x7f {
			return ""
		}
	}
	return fieldName(name)
}

// fieldName is a name in lower case. The usual spellings of the usual names cost no memory.
func fieldName(name []byte) string {
	switch string(name) {
	case "From":
		return "from"
	case "To":
		return "to"
	case "Date":
		return "date"
	case "Subject":
		return "subject"
	case "Message-ID", "Message-Id":
		return "message-id"
	case "In-Reply-To":
		return "in-reply-to"
	case "References":
		return "references"
	case "Received":
		return "received"
	case "Content-Type":
		return "content-type"
	case "Content-Transfer-Encoding":
		return "content-transfer-encoding"
	}
	return strings.ToLower(string(name))
}
