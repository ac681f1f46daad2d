// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/signature"
)

// The limits, in bytes of JSON: Segment's for an event, and for a batch RudderStack's, whose libraries send larger ones than
// Segment's 500 KB: the browser's up to 512 KB, Python's up to 4 MB. One that is refused is dropped by them, not cut up.
const (
	maxEvent = 32 << 10
	maxBatch = 4 << 20
)

// What is answered. A pixel is a transparent GIF of one point.
const (
	accepted = `{"success":true}`
	pixel    = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)

// calls are the paths behind the mount and the type of event that they take. Browsers use the short ones.
var calls = map[string]string{
	"track": "track", "t": "track", "identify": "identify", "i": "identify", "page": "page", "p": "page", "screen": "screen", "s": "screen",
	"group": "group", "g": "group", "alias": "alias", "a": "alias", "batch": "batch", "b": "batch", "import": "batch", "m": "metrics",
	"pixel/track": "track", "pixel/identify": "identify", "pixel/page": "page", "pixel/screen": "screen", "pixel/group": "group", "pixel/alias": "alias",
}

// route tells what a path takes. The source's own address may stand for a library's whole host, whose path then follows,
// and RudderStack writes "pixel/v1/track" and "beacon/v1/batch".
func route(path string) (typ string, isPixel, known bool) {
	path = strings.ToLower(strings.Trim(path, "/"))
	path = strings.TrimPrefix(strings.Replace(strings.TrimPrefix(path, "v1/"), "pixel/v1/", "pixel/", 1), "beacon/v1/")
	typ, known = calls[path]
	return typ, strings.HasPrefix(path, "pixel/"), known
}

// Verify checks the write key, wherever the library puts it, and that the body is one.
func (s *source) Verify(d *connector.Delivery) (connector.Reply, error) {
	if reply, ok, err := s.settings(d); ok {
		return reply, err
	}
	typ, isPixel, known := route(d.Path)
	keys := s.outside(d)
	if d.Method == http.MethodHead || known && !isPixel && d.Method == http.MethodGet {
		known = false
	}
	if !known {
		if !s.mine(keys...) {
			return connector.Reply{}, s.wrong()
		}
		return connector.Reply{}, greenroom.Errorf(greenroom.CodeInvalid, "there is no call %s %q; expected POST to track, identify, page, screen, group, alias, batch or import", d.Method, d.Path)
	}
	body, err := payload(d, isPixel)
	if err != nil {
		if !s.mine(keys...) {
			return connector.Reply{}, s.wrong()
		}
		return connector.Reply{}, err
	}
	var c call
	broken := rest.Unmarshal(body, &c)
	if !s.mine(append(keys, string(c.WriteKey))...) {
		return connector.Reply{}, s.wrong()
	}
	if broken != nil {
		return connector.Reply{}, greenroom.Errorf(greenroom.CodeInvalid, "the body is not a JSON object such as {\"userId\": \"1\", \"event\": \"Signed up\"}")
	}
	reply := connector.Reply{Status: http.StatusOK, ContentType: "application/json", Body: []byte(accepted)}
	if isPixel {
		reply.ContentType, reply.Body = "image/gif", []byte(pixel)
	}
	if typ == "metrics" { // a browser library's figures about itself
		reply.Drop = true
		return reply, nil
	}
	if err := envelope(typ, body, &c); err != nil {
		return connector.Reply{}, err
	}
	reply.Drop = typ == "batch" && len(c.Batch) == 0
	reply.ID = identify(typ, body, &c)
	return reply, nil
}

// outside are the write keys that stand outside of the body.
func (s *source) outside(d *connector.Delivery) []string {
	keys := []string{d.Query.Get("writeKey")}
	if user, _, ok := (&http.Request{Header: d.Header}).BasicAuth(); ok {
		keys = append(keys, user)
	} else if plain, ok := strings.CutPrefix(d.Header.Get("Authorization"), "Basic "); ok { // Segment takes a key without its colon
		if key, err := base64.StdEncoding.DecodeString(plain); err == nil {
			keys = append(keys, string(key))
		}
	}
	return keys
}

// mine reports whether one of the keys is the source's, looking at all of them in constant time.
func (s *source) mine(keys ...string) bool {
	found := false
	for _, k := range keys {
		if signature.Equal(s.key, k) {
			found = true
		}
	}
	return found
}

func (s *source) wrong() error {
	return greenroom.Errorf(greenroom.CodeForbidden, "the write key is not one of a source; expected it as the user name of basic authentication, or as writeKey in the body")
}

// envelope checks what a body has to be, as strictly as Segment does: what is wrong with a single event of a batch does
// not refuse the others, and is listed when they are read.
func envelope(typ string, body []byte, c *call) error {
	switch {
	case typ != "batch" && len(body) > maxEvent:
		return greenroom.Errorf(greenroom.CodeInvalid, "the event has %d bytes; the limit is 32 KB", len(body))
	case typ == "batch" && len(body) > maxBatch:
		return greenroom.Errorf(greenroom.CodeInvalid, "the batch has %d bytes; the limit is 4 MB", len(body))
	case typ == "batch" && c.Batch == nil && !bytes.Contains(body, []byte(`"batch"`)):
		return greenroom.Errorf(greenroom.CodeInvalid, "the body has no batch; expected {\"batch\": [...]}")
	}
	return nil
}

// payload is the JSON of a delivery: its body, unpacked, or what a pixel's address carries.
func payload(d *connector.Delivery, isPixel bool) ([]byte, error) {
	if isPixel && d.Method == http.MethodGet {
		return fromQuery(d.Query)
	}
	body := d.Body
	if bytes.HasPrefix(body, []byte{0x1f, 0x8b}) { // gzip, as Content-Encoding says too; JSON never begins like this
		unpacked, err := unpack(body)
		if err != nil {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "the body is not whole gzip: %v", err)
		}
		body = unpacked
	}
	body = bytes.TrimPrefix(bytes.TrimSpace(body), []byte("\xEF\xBB\xBF"))
	if len(body) == 0 || body[0] != '{' {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the body is not a JSON object such as {\"userId\": \"1\", \"event\": \"Signed up\"}")
	}
	return body, nil
}

func unpack(body []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller words it
	}
	out, err := io.ReadAll(io.LimitReader(r, maxBatch+1)) // one more says that it is too large
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller words it
	}
	return out, nil
}

// fromQuery is the event of a pixel: its data parameter, in base 64 or plain, or the parameters themselves, in which dots
// part the levels.
func fromQuery(q url.Values) ([]byte, error) {
	if data := q.Get("data"); data != "" {
		if data[0] == '{' {
			return []byte(data), nil
		}
		data = strings.TrimRight(strings.NewReplacer(" ", "+", "-", "+", "_", "/").Replace(data), "=")
		body, err := base64.RawStdEncoding.DecodeString(data)
		if err != nil || len(body) == 0 || body[0] != '{' {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "the parameter data is not a JSON object in base 64")
		}
		return body, nil
	}
	event := make(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(q)) {
		at, levels := event, strings.Split(name, ".")
		for _, level := range levels[:len(levels)-1] {
			inner, ok := at[level].(map[string]any)
			if !ok {
				inner = make(map[string]any)
				at[level] = inner
			}
			at = inner
		}
		if _, taken := at[levels[len(levels)-1]].(map[string]any); !taken {
			at[levels[len(levels)-1]] = clean(q.Get(name))
		}
	}
	body, err := json.Marshal(event, json.Deterministic(true))
	if err != nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the parameters are no event: %v", err)
	}
	return body, nil
}

// identify makes the delivery's id of its events' ids, so that a batch which is sent again is known. Where an event has
// none, there is no telling a repetition from a second event that looks the same.
func identify(typ string, body []byte, c *call) string {
	h := sha256.New()
	add := func(raw []byte) bool {
		var e struct {
			MessageID text `json:"messageId"`
		}
		if rest.Unmarshal(raw, &e) != nil || e.MessageID == "" {
			return false
		}
		_, _ = fmt.Fprintf(h, "%d:%s", len(e.MessageID), e.MessageID)
		return true
	}
	events := c.Batch
	if typ != "batch" {
		events = []jsontext.Value{body}
	}
	for _, raw := range events {
		if !add(raw) {
			return ""
		}
	}
	if len(events) == 0 {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

var _ interface {
	connector.Receiver
	connector.Tester
} = (*source)(nil)
