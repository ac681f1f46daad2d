// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/url"
	"strings"
	"testing"

	"greenroom/connector"
)

// TestAppOptionsStayTogether wants the id of an app beside its secret: folded away where a token is enough, and seen by all
// where it can be asked for consent, renews the token, or is the only way in.
func TestAppOptionsStayTogether(t *testing.T) {
	option := func(name string, secret, required bool) connector.Option {
		o := connector.Option{Name: name, Label: name, Type: connector.Text, Required: required}
		if secret {
			o.Type = connector.Secret
		}
		return o
	}
	client, secret, refresh := option("client", false, false), option("secret", true, false), option("refresh", true, false)
	chat := connector.Spec{OAuth: &connector.OAuth{Client: "client", Secret: "secret", Access: "token"}, Options: []connector.Option{option("token", true, true), client, secret}}
	crm := connector.Spec{OAuth: &connector.OAuth{Client: "client", Secret: "secret", Refresh: "refresh"}, Push: &connector.Push{Secret: "secret"}, Options: []connector.Option{option("token", true, false), client, secret, refresh}}
	pages := connector.Spec{OAuth: &connector.OAuth{Client: "client", Secret: "secret", Access: "token", Refresh: "refresh"}, Options: []connector.Option{option("token", true, true), refresh, client, secret}}
	only := connector.Spec{OAuth: &connector.OAuth{Client: "client", Secret: "secret", Refresh: "refresh"}, Options: []connector.Option{option("address", false, true), client, secret, refresh}}
	for _, x := range []struct {
		what   string
		spec   connector.Spec
		public bool
		want   string
	}{
		{"a token is enough", chat, false, "token! | client secret"},
		{"it can be asked for consent", chat, true, "token client secret | "},
		{"a key is enough", crm, false, "token | client secret refresh"},
		{"the app signs pushes, too", crm, true, "token client secret refresh | "},
		{"the app renews the token", pages, false, "token! refresh client secret | "},
		{"there is nothing else", only, false, "address! client secret refresh | "},
	} {
		p := &startPage{Site: &Site{}}
		if x.public {
			p.cfg.PublicURL = &url.URL{Scheme: "https", Host: "greenroom.example.org"}
		}
		first, more, _, err := (&optionForm{startPage: p, values: map[string]string{}}).fields(&x.spec)
		if err != nil {
			t.Fatal(err)
		}
		var names [2][]string
		for i, f := range append(first, more...) {
			part, name := 0, f.Name
			if i >= len(first) {
				part = 1
			}
			if f.Required {
				name += "!"
			}
			names[part] = append(names[part], name)
		}
		if got := strings.Join(names[0], " ") + " | " + strings.Join(names[1], " "); got != x.want {
			t.Errorf("%s: %s; want %s", x.what, got, x.want)
		}
	}
}
