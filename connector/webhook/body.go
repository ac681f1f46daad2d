// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package webhook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
)

// Bounds of a payload.
const (
	maxDepth = 100
	maxBody  = 8 << 20
	maxPart  = 1 << 20 // of a form with parts
)

// decode reads what a delivery carries: JSON, a form, or the parameters of its address where there is no body.
func decode(d *connector.Delivery) (any, error) {
	body := bytes.TrimPrefix(bytes.TrimSpace(d.Body), []byte("\xEF\xBB\xBF"))
	if len(body) > maxBody {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the payload is larger than 8 MB")
	}
	kind, params, _ := mime.ParseMediaType(d.Header.Get("Content-Type"))
	switch {
	case len(body) == 0:
		q := make(url.Values)
		for name, values := range d.Query {
			if name != "key" {
				q[name] = values
			}
		}
		return form(q), nil
	case kind == "application/x-www-form-urlencoded" && body[0] != '{' && body[0] != '[':
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "the body says that it is a form and is none: %v", err)
		}
		return form(values), nil
	case kind == "multipart/form-data":
		return parts(body, params["boundary"])
	}
	v, err := value(body)
	if err != nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the body is neither JSON nor a form: %v", err)
	}
	return v, nil
}

// value reads one JSON value: objects as map[string]any, arrays as []any, whole numbers as int, others as float64.
func value(data []byte) (any, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(data), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	v, err := next(dec, 0)
	if err != nil {
		return nil, err
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows behind its end")
	}
	return v, nil
}

func next(dec *jsontext.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("it is nested more than %d levels deep", maxDepth)
	}
	t, err := dec.ReadToken()
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller words it
	}
	switch t.Kind() { //nolint:exhaustive // the others end something or are null
	case '{':
		m := make(map[string]any)
		for dec.PeekKind() != '}' {
			name, err := dec.ReadToken()
			if err != nil {
				return nil, err //nolint:wrapcheck // the caller words it
			}
			key := clean(name.String())
			if m[key], err = next(dec, depth+1); err != nil {
				return nil, err
			}
		}
		_, err = dec.ReadToken()
		return m, err //nolint:wrapcheck // the caller words it
	case '[':
		list := []any{}
		for dec.PeekKind() != ']' {
			v, err := next(dec, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err = dec.ReadToken()
		return list, err //nolint:wrapcheck // the caller words it
	case '"':
		return clean(t.String()), nil
	case '0':
		return number(t.String()), nil
	case 't', 'f':
		return t.Bool(), nil
	}
	return nil, nil //nolint:nilnil // JSON's null
}

// number keeps whole numbers whole: ids have more digits than a float holds.
func number(text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return int(n)
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	return n
}

// form makes an object of fields. A field that holds JSON, as some senders pack it into one called payload, is read.
func form(values url.Values) map[string]any {
	m := make(map[string]any, len(values))
	for name, all := range values {
		list := make([]any, len(all))
		for i, v := range all {
			v = clean(v)
			list[i] = v
			if strings.HasPrefix(v, "{") || strings.HasPrefix(v, "[") {
				if inner, err := value([]byte(v)); err == nil {
					list[i] = inner
				}
			}
		}
		if m[clean(name)] = list; len(list) == 1 {
			m[clean(name)] = list[0]
		}
	}
	return m
}

// parts reads a form with parts; files are named and not kept.
func parts(body []byte, boundary string) (any, error) {
	values := make(url.Values)
	if boundary == "" {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the form does not say where its parts end")
	}
	r := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return form(values), nil
		}
		if err != nil {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "the form cannot be read: %v", err)
		}
		if p.FileName() != "" {
			values.Add(p.FormName(), p.FileName())
			continue
		}
		text, err := io.ReadAll(io.LimitReader(p, maxPart))
		if err != nil {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "the form cannot be read: %v", err)
		}
		values.Add(p.FormName(), string(text))
	}
}

// clean takes out what no text may hold.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

// headers are those of a delivery that an expression may look at: no credentials.
func headers(h http.Header) map[string]any {
	m := make(map[string]any, len(h))
	for name := range h {
		switch name = strings.ToLower(name); name {
		case "authorization", "cookie", "x-greenroom-secret", "proxy-authorization":
		default:
			m[name] = clean(h.Get(name))
		}
	}
	return m
}
