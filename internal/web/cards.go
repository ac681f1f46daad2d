// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import "greenroom/internal/web/ui"

// cardsBody is what cards.html shows: a page made of cards, on recognition and requests.
type cardsBody struct {
	Head    ui.Head
	Tabs    ui.Segments
	Chips   ui.Segments
	Search  *ui.Form
	Board   []cardOfPage // beside each other
	Main    []cardOfPage
	Side    []cardOfPage
	Dialogs []ui.Dialog
}

// cardOfPage is one card, with what of these it has.
type cardOfPage struct {
	ID    string // by which links lead to it; "" = none
	Head  ui.CardHead
	Text  string
	Rows  ui.Rows
	Table *ui.Table
	Facts []ui.Fact
	Forms []ui.Form
	Empty *ui.Empty
	Foot  string
}
