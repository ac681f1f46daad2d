// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package text

// MarshalText writes the category as String does.
func (c Category) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads a category as ParseCategory does.
func (c *Category) UnmarshalText(b []byte) (err error) {
	*c, err = ParseCategory(string(b))
	return err
}

// MarshalText writes the sentiment as String does.
func (s Sentiment) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a sentiment as ParseSentiment does.
func (s *Sentiment) UnmarshalText(b []byte) (err error) {
	*s, err = ParseSentiment(string(b))
	return err
}

// MarshalText writes the urgency as String does.
func (u Urgency) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalText reads an urgency as ParseUrgency does.
func (u *Urgency) UnmarshalText(b []byte) (err error) {
	*u, err = ParseUrgency(string(b))
	return err
}
