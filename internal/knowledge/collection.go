// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package knowledge

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"greenroom"
)

// Way is how a collection is read.
type Way string

// The ways.
const (
	Sitemap Way = "sitemap" // a sitemap.xml and those that it names
	Folder  Way = "folder"  // Markdown and HTML in a folder on the server, such as a checked-out repository
	Export  Way = "export"  // a zip of Notion, Confluence, Google Docs or anything else with HTML or Markdown in it
	Forum   Way = "forum"   // the topics of a channel of a source, such as the category of a forum
	Table   Way = "csv"     // lines with a title and an address
	List    Way = "list"    // addresses, one a line
)

// Ways lists them.
func Ways() []Way { return []Way{Sitemap, Folder, Export, Forum, Table, List} }

// Label is the way as people write it.
func (w Way) Label() string {
	switch w {
	case Sitemap:
		return "Sitemap"
	case Folder:
		return "Folder of Markdown"
	case Export:
		return "Export of Notion, Confluence or Google Docs"
	case Forum:
		return "Category of a forum"
	case Table:
		return "CSV file"
	default:
		return "Addresses"
	}
}

// Again reports whether the way leads to something that can be read again without anybody.
func (w Way) Again() bool { return w == Sitemap || w == Folder || w == Forum }

// Collection is where documents are read from.
type Collection struct {
	ID         int64     `json:"id" doc:"Its number."`
	Name       string    `json:"name" doc:"What it is called; left out when it is made: its place."`
	Way        Way       `json:"way" doc:"How it is read."`
	Place      string    `json:"place" doc:"The sitemap's address, the folder's path, SOURCE/CHANNEL of a forum, or the file's name."`
	Base       string    `json:"base,omitempty" doc:"Of a folder or export: the web address that its files are below; left out where they are not on the web."`
	Kind       Kind      `json:"kind,omitempty" doc:"What its documents are for, where they do not say."`
	Audience   Audience  `json:"audience,omitempty" doc:"Who reads them, where they do not say."`
	Owner      string    `json:"owner,omitempty" doc:"Who keeps them right, where they do not say."`
	ReviewDays int       `json:"review_days,omitempty" doc:"How often they are to be verified, where they do not say."`
	EveryDays  int       `json:"every_days,omitempty" doc:"How often it is read again, in days; 0 = when somebody asks."`
	ReadAt     time.Time `json:"read_at,omitzero" doc:"When it was last read."`
	Taken      Taken     `json:"taken" doc:"What came of that."`
	Problem    string    `json:"problem,omitempty" doc:"Why it could not be read."`
	CreatedBy  string    `json:"created_by" doc:"Who made it."`
	CreatedAt  time.Time `json:"created_at" doc:"When."`
}

// Validate says what is wrong with a collection, as an error of CodeInvalid, and fills in what is usual.
func (c *Collection) Validate() error {
	bad := func(format string, args ...any) error {
		return greenroom.Errorf(greenroom.CodeInvalid, format, args...)
	}
	c.Name, c.Place, c.Base, c.Owner = oneLine(c.Name), strings.TrimSpace(c.Place), strings.TrimSpace(c.Base), strings.TrimSpace(c.Owner)
	if c.Name == "" {
		c.Name = c.Place
	}
	switch {
	case !slices.Contains(Ways(), c.Way):
		return bad("%q is no way to read documents; there are %s", c.Way, list(Ways()))
	case c.Place == "" || len(c.Place) > maxAddress || len(c.Name) > maxTitle*4:
		return bad("say where the documents are, in one line")
	case c.Way == Sitemap && !webAddress(c.Place):
		return bad("a sitemap has an address such as https://docs.example.org/sitemap.xml, not %q", c.Place)
	case c.Way == Forum && !strings.Contains(c.Place, "/"):
		return bad("a category is named as SOURCE/CHANNEL, such as forum/documentation, not %q", c.Place)
	case c.Base != "" && !webAddress(c.Base):
		return bad("%q is not an address of the web; leave it out where the files are not on the web", c.Base)
	case c.Kind != "" && !slices.Contains(Kinds(), c.Kind):
		return bad("%q is no kind of document; there are %s", c.Kind, list(Kinds()))
	case c.Audience != "" && !slices.Contains(Audiences(), c.Audience):
		return bad("documents are external or internal, not %q", c.Audience)
	case c.ReviewDays < 0 || c.ReviewDays > maxReview || c.EveryDays < 0 || c.EveryDays > maxReview:
		return bad("days are from 1 to %d, or left out", maxReview)
	}
	if !c.Way.Again() {
		c.EveryDays = 0
	}
	return nil
}

// Due reports whether it is time to read it again.
func (c *Collection) Due(now time.Time) bool {
	return c.EveryDays > 0 && c.Way.Again() && !now.Before(c.ReadAt.AddDate(0, 0, c.EveryDays))
}

// usual fills in what an item does not say.
func (c *Collection) usual(it *Item) {
	if it.Kind == "" {
		it.Kind = c.Kind
	}
	if it.Audience == "" {
		it.Audience = c.Audience
	}
	if it.Audience == "" && c.Base == "" && (c.Way == Folder || c.Way == Export) {
		it.Audience = Internal
	}
	it.Owner = firstOf(it.Owner, c.Owner)
	if it.ReviewDays == 0 {
		it.ReviewDays = c.ReviewDays
	}
}

// base is the address that files are below; nil = none.
func (c *Collection) base() *url.URL {
	if c.Base == "" {
		return nil
	}
	u, err := url.Parse(strings.TrimSuffix(c.Base, "/") + "/")
	if err != nil {
		return nil
	}
	return u
}
