// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"

	"greenroom/internal/web/ui"
)

// boardBody is what board.html shows: a page of cards in one or two columns, for objects of which there is much to say and
// each part is a list, a table, facts or a form.
type boardBody struct {
	Head    ui.Head
	Tabs    ui.Segments
	KPIs    []ui.KPI
	Empty   *ui.Empty
	Main    []boardCard
	Side    []boardCard // none = one column
	Offers  []boardOffer
	Dialogs []ui.Dialog
}

// boardCard is a card; what is empty is left out.
type boardCard struct {
	ID    string
	Head  ui.CardHead
	Text  string
	Facts []ui.Fact
	Form  *ui.Form
	Rows  ui.Rows
	Table *ui.Table
	Note  string
	Empty *ui.Empty
}

// Body says whether there is something with a margin around it above lists.
func (c boardCard) Body() bool { return c.Text != "" || len(c.Facts) > 0 || c.Form != nil }

// boardOffer is a template that can be begun with.
type boardOffer struct {
	Name, Text string
	Use        ui.Action
}

// orEmpty shows what would be in a card where there are no rows.
func (c boardCard) orEmpty(title, text string, actions ...ui.Action) boardCard {
	if len(c.Rows.Items) == 0 && (c.Table == nil || len(c.Table.Rows) == 0) {
		c.Rows, c.Table = ui.Rows{}, nil
		c.Empty = &ui.Empty{Title: title, Text: text, Actions: actions}
	}
	return c
}

type boardPages struct {
	*Site
	board *ui.View[boardBody]
}

func (s *Site) boards() (boardPages, error) {
	view, err := ui.Parse[boardBody](s.kit, templates, "templates/board.html")
	return boardPages{Site: s, board: view}, err
}

func (p boardPages) draw(w http.ResponseWriter, r *http.Request, body boardBody) error {
	return render(p.Site, w, r, p.board, body.Head.Title, body)
}
