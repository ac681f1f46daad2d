// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mailmessage

import (
	"bytes"
	"mime"
	"strings"

	"greenroom/connector/internal/htmltext"
)

// Limits of a message's MIME structure: what goes beyond them is read as text or left out of the text.
const (
	maxDepth    = 20
	maxParts    = 1000
	maxBodyText = 1 << 20
)

// bodyText is the text of a message: the plain text where there is one, else that of the HTML. Attachments are named in
// lines of their own. It works on the whole message in memory and gives up on nothing: parts without an end, bad
// encodings and unknown charsets give what can be read of them.
func bodyText(h Header, body []byte) string {
	w := &walker{}
	text := w.part(h, body, 0)
	var b strings.Builder
	b.WriteString(strings.Trim(text, "\n"))
	for _, name := range w.attachments {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString("[attachment: " + name + "]")
	}
	return cutText(b.String(), maxBodyText)
}

// cutText shortens a text to at most n bytes without cutting a character.
func cutText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "\n[…]"
}

// walker collects what a message holds.
type walker struct {
	attachments []string
	parts       int
}

// part gives the text of a message or part.
func (w *walker) part(h Header, body []byte, depth int) string {
	w.parts++
	kind, params := mediaType(h.Get("content-type"))
	disposition, dispParams := mediaType(h.Get("content-disposition"))
	if w.parts > maxParts {
		return ""
	}
	switch {
	case strings.HasPrefix(kind, "multipart/") && params["boundary"] != "" && depth < maxDepth:
		if parts := splitParts(body, params["boundary"]); len(parts) > 0 {
			return w.multipart(kind, parts, depth)
		}
		return plainText(h, body, nil) // the parts are gone: an archive has made text of them
	case strings.HasPrefix(kind, "multipart/"):
		return plainText(h, body, nil)
	case kind == "message/rfc822" || kind == "message/global":
		inner, _ := ParseHeader(bytes.TrimLeft(body, "\r\n"))
		w.attach("message: " + inner.text("subject"))
		return ""
	case disposition == "attachment" || !isText(kind):
		if kind != "application/pgp-signature" && kind != "application/pkcs7-signature" && kind != "message/delivery-status" {
			w.attach(fileName(kind, params, dispParams))
		}
		return ""
	case kind == "text/html" || kind == "application/xhtml+xml":
		return ValidText(htmltext.Text(decodeBody(h, params["charset"], body)))
	}
	return plainText(h, body, params)
}

func isText(kind string) bool {
	return kind == "" || kind == "text" || kind == "text/plain" || kind == "text/html" || kind == "text/enriched" || kind == "text/markdown" ||
		kind == "application/xhtml+xml" || !strings.Contains(kind, "/")
}

func (w *walker) attach(name string) {
	if len(w.attachments) < 100 {
		w.attachments = append(w.attachments, oneLine(ValidText(name)))
	}
}

// multipart joins the texts of parts; of alternatives it takes the best one.
func (w *walker) multipart(kind string, parts [][]byte, depth int) string {
	var texts []string
	best, rank := "", 0
	for _, p := range parts {
		h, body := ParseHeader(p)
		text := w.part(h, body, depth+1)
		if strings.TrimSpace(text) == "" {
			continue
		}
		if kind != "multipart/alternative" {
			texts = append(texts, strings.Trim(text, "\n"))
			continue
		}
		r := 1
		switch k, _ := mediaType(h.Get("content-type")); {
		case k == "text/plain" || k == "":
			r = 3
		case strings.HasPrefix(k, "multipart/"):
			r = 2
		}
		if r > rank {
			best, rank = text, r
		}
	}
	if kind == "multipart/alternative" {
		return best
	}
	return strings.Join(texts, "\n\n")
}

// splitParts cuts a multipart body at its boundary lines. The last part may lack its end.
func splitParts(body []byte, boundary string) [][]byte {
	mark := []byte("--" + boundary)
	var parts [][]byte
	start := -1
	for at := 0; at < len(body) && len(parts) < maxParts; {
		end := len(body)
		if i := bytes.IndexByte(body[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		if line := bytes.TrimRight(body[at:end], " \t\r\n"); bytes.HasPrefix(line, mark) {
			tail := line[len(mark):]
			if last := string(tail) == "--"; last || len(tail) == 0 {
				if start >= 0 {
					parts = append(parts, body[start:at])
				}
				if start = end; last {
					return parts
				}
			}
		}
		at = end
	}
	if start >= 0 && start < len(body) {
		parts = append(parts, body[start:])
	}
	return parts
}

// mediaType reads a Content-Type or Content-Disposition, also one that breaks the rules.
func mediaType(v string) (string, map[string]string) {
	if v == "" {
		return "", nil
	}
	kind, params, err := mime.ParseMediaType(v)
	if err == nil {
		return kind, params
	}
	first, rest, _ := strings.Cut(v, ";")
	params = make(map[string]string)
	for p := range strings.SplitSeq(rest, ";") {
		key, value, ok := strings.Cut(p, "=")
		if ok {
			params[strings.ToLower(strings.TrimSpace(key))] = strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return strings.ToLower(strings.TrimSpace(first)), params
}

// fileName is how an attachment is called, its type where it has no name.
func fileName(kind string, params, disposition map[string]string) string {
	for _, name := range []string{disposition["filename"], params["name"]} {
		if name = decodeWords([]byte(name)); name != "" {
			return name
		}
	}
	return kind
}

// plainText decodes a text part and joins the lines of flowed text.
func plainText(h Header, body []byte, params map[string]string) string {
	text := decodeBody(h, params["charset"], body)
	if strings.EqualFold(params["format"], "flowed") {
		return unflow(text, strings.EqualFold(params["delsp"], "yes"))
	}
	return text
}

// decodeBody undoes transfer encoding and charset and brings line ends to "\n".
func decodeBody(h Header, charset string, body []byte) string {
	switch strings.ToLower(strings.TrimSpace(h.Get("content-transfer-encoding"))) {
	case "base64":
		body = decodeBase64(body)
	case "quoted-printable":
		body = decodeQuotedPrintable(body)
	}
	if bytes.IndexByte(body, '\r') >= 0 && !strings.HasPrefix(strings.ToLower(charset), "utf-16") {
		body = bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n"))
	}
	return decodeCharset(charset, body)
}

// decodeQuotedPrintable decodes what is encoded and keeps the rest, since archives cut lines and strip their ends.
func decodeQuotedPrintable(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		var line []byte
		end := "\n"
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			line, b = b[:i], b[i+1:]
		} else {
			line, b, end = b, nil, ""
		}
		line = bytes.TrimRight(line, " \t\r")
		if n := len(line); n > 0 && line[n-1] == '=' {
			line, end = line[:n-1], ""
		}
		for i := 0; i < len(line); i++ {
			if line[i] == '=' && i+2 < len(line) && hexValue(line[i+1]) >= 0 && hexValue(line[i+2]) >= 0 {
				out = append(out, byte(hexValue(line[i+1])<<4|hexValue(line[i+2])))
				i += 2
				continue
			}
			out = append(out, line[i])
		}
		out = append(out, end...)
	}
	return out
}

// unflow joins the lines that "format=flowed" has cut (RFC 3676).
func unflow(text string, delSp bool) string {
	var b strings.Builder
	open, openDepth := false, 0
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		depth := len(line) - len(strings.TrimLeft(line, ">"))
		line = strings.TrimPrefix(line[depth:], " ")
		signature := line == "-- "
		if open && (depth != openDepth || signature) {
			b.WriteByte('\n')
			open = false
		}
		if !open && depth > 0 {
			b.WriteString(strings.Repeat("> ", depth))
		}
		flows := strings.HasSuffix(line, " ") && !signature
		if flows && delSp {
			line = strings.TrimSuffix(line, " ")
		}
		b.WriteString(line)
		if open, openDepth = flows, depth; !flows {
			b.WriteByte('\n')
		}
	}
	return strings.TrimRight(b.String(), "\n")
}
