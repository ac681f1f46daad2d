// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package linkedin

import (
	"net/url"
	"regexp"
	"strings"
)

// Rest.li, LinkedIn's protocol, gives brackets, commas and colons a meaning: a list is List(a,b), an object (id:a). In a
// name that stands inside of these, such as a URN, they are escaped; around it they are not.

// enc escapes a URN for a path or a query.
func enc(urn string) string { return url.QueryEscape(urn) }

// list is a list of names as a query takes it.
func list(names []string) string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = enc(n)
	}
	return "List(" + strings.Join(all, ",") + ")"
}

// last is the id at the end of a URN.
func last(urn string) string { return urn[strings.LastIndexByte(urn, ':')+1:] }

const (
	personURN       = "urn:li:person:"
	organizationURN = "urn:li:organization:"
)

var (
	actor = regexp.MustCompile(`urn:li:(?:person|organization|member):[A-Za-z0-9_-]+`)
	named = regexp.MustCompile(`@\[((?:[^\]\\]|\\.)*)\]\((urn:li:[a-zA-Z]+:[^()\s]+)\)`)
	tag   = regexp.MustCompile(`\{hashtag\|(?:\\?#|＃)\|((?:[^}\\]|\\.)*)\}`)
)

// littleText reads LinkedIn's markup of posts: @[Name](urn) for a mention, {hashtag|\#|word} for a tag, and a backslash
// before characters that would otherwise be markup. It returns the text and the URNs that it mentions.
func littleText(markup string) (text string, mentions []string) {
	for _, m := range named.FindAllStringSubmatch(markup, -1) {
		mentions = append(mentions, m[2])
	}
	markup = named.ReplaceAllString(markup, "@$1")
	markup = tag.ReplaceAllString(markup, "#$1")
	var b strings.Builder
	b.Grow(len(markup))
	for i := 0; i < len(markup); i++ {
		if markup[i] == '\\' && i+1 < len(markup) && strings.IndexByte(`\|{}@[]()<>#*_~`, markup[i+1]) >= 0 {
			i++
		}
		b.WriteByte(markup[i])
	}
	return strings.ToValidUTF8(strings.ReplaceAll(b.String(), "\x00", ""), "\uFFFD"), mentions
}
