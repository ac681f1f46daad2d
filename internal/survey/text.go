// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survey

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Texts is a text in one or several languages, by BCP 47 tag. In JSON it is an object, or just a text, which then is in
// the definition's own language and stands under "".
type Texts map[string]string

// Plain is a text in the definition's own language.
func Plain(text string) Texts {
	if text == "" {
		return nil
	}
	return Texts{"": text}
}

// UnmarshalJSON reads a text or an object.
func (t *Texts) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*t = Plain(text)
		return nil
	}
	var all map[string]string
	if err := json.Unmarshal(data, &all); err != nil {
		return fmt.Errorf(`expected a text, or texts by language such as {"en": "Yes", "de": "Ja"}: %w`, err)
	}
	*t = make(Texts, len(all))
	for tag, text := range all {
		(*t)[strings.ToLower(tag)] = text
	}
	return nil
}

// MarshalJSON writes a text that is in one language only as just that.
func (t Texts) MarshalJSON() ([]byte, error) {
	if text, ok := t[""]; ok && len(t) == 1 {
		return json.Marshal(text) //nolint:wrapcheck // a text
	}
	return json.Marshal(map[string]string(t)) //nolint:wrapcheck // texts
}

// In gives the text in a language: that very one, the same language of elsewhere, the definition's own, or the first there
// is.
func (t Texts) In(language, own string) string {
	for _, tag := range []string{language, base(language), own, "", base(own)} {
		if text, ok := t[strings.ToLower(tag)]; ok && text != "" {
			return text
		}
	}
	for _, tag := range slices.Sorted(maps.Keys(t)) {
		if t[tag] != "" {
			return t[tag]
		}
	}
	return ""
}

func base(tag string) string {
	b, _, _ := strings.Cut(tag, "-")
	return strings.ToLower(b)
}
