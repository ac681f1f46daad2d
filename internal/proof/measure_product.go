// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package proof

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"greenroom"
	"greenroom/internal/impact/assumption"
	"greenroom/internal/impact/returns"
	"greenroom/internal/impact/verdict"
)

const (
	forProduct    = "Product"
	forMarketing  = "Brand"
	forExecutives = "Executives"
)

func productMeasures() []Measure {
	return []Measure{
		{
			Key: "adoption", Label: "Product adoption, with and without the community", For: forProduct, Asks: "Do people use what is built?", Unit: UnitShare, Causal: "Does an organization use the product because somebody of it is in the community?", Example: "adoption", Sources: cite(feverbee),
			Definition: "Of the paying organizations with a touch in the community in the 90 days before the time, the share that used the product in it. Those without a touch stand beside it; the difference is no effect.", Formula: "organizations with usage / paying organizations, with Wilson's interval", compute: adoption,
		},
		{
			Key: "launch_reach", Label: "Launch reach", For: forProduct, Asks: "Who hears of a launch?", Unit: UnitCount, Example: "launch-reach", Sources: cite(vanilla),
			Definition: "Members who reacted to, or took part in, what a release or an announcement of the time opened, within 14 days. Who only read is not seen.", Formula: "number of members; beside it their share of those active", compute: launchReach,
		},
		{
			Key: "mentions", Label: "Brand mentions", For: forMarketing, Asks: "Who speaks of us?", Unit: UnitCount, Example: "share-of-voice", Sources: cite(thecr),
			Definition: "Messages of the time, of people outside the team, that have one of the brand's words, by the connected sources.", Formula: "number of messages", compute: mentions,
		},
		{
			Key: "share_of_voice", Label: "Share of voice", For: forMarketing, Asks: "Who speaks of us?", Unit: UnitShare, Example: "share-of-voice", Sources: cite(thecr),
			Definition: "Of the messages that have a word of the brand or of others, the share that has one of the brand. By the connected sources, which are mostly our own: it is a trend to watch, not the market.", Formula: "mentions / (mentions + mentions of others)", compute: voice,
		},
		{
			Key: "champions", Label: "Champions", For: forMarketing, Asks: "Who speaks of us?", Unit: UnitCount, Example: "champions", Sources: cite(thecr),
			Definition: "Members who are enrolled in a program for champions when the time ends.", Formula: "number of members", compute: champions,
		},
	}
}

func returnMeasures() []Measure {
	return []Measure{
		{
			Key: "cost", Label: "Cost of the community", For: forExecutives, Asks: "Is it worth it?", Unit: UnitMoney, Example: "roi", Sources: cite(thecr),
			Definition: "What the ledger has for the time: what is due once on its day, what is due each month or year by days; people's time as hours times their cost; and what programs spent.", Formula: "sum over lines of amount × share × part of the time", compute: costs,
		},
		{
			Key: "roi", Label: "Return on investment", For: forExecutives, Asks: "Is it worth it?", Unit: UnitShare, Causal: "Would this value be there without the community?", Example: "roi", Sources: cite(thecr),
			Definition: "Value less cost, by cost. Value is what deflection saved and revenue won of deals that the CRM says the community sourced: two things that do not overlap. Beside it: with only the value whose effect an experiment or good evidence shows.", Formula: "(value − cost) / cost; the range holds 95 of 100 draws over all assumptions", compute: roi,
		},
	}
}

func adoption(b *Books) (Figure, []Record, error) {
	if !b.Crowd.TellsUse {
		return Figure{Unknown: []string{"Whether anybody uses the product: no source tells of usage in this time. Connect the product under Sources: by Segment or RudderStack, or by a table in PostgreSQL or Snowflake."}}, nil, nil
	}
	problems := make(map[string]bool)
	var use, n [2]int64
	var records []Record
	for _, a := range b.accounts(problems) {
		k, note := 0, "no touch in the 90 days before"
		if a.touched {
			k, note = 1, "in the community"
		}
		n[k]++
		v := 0.0
		if b.Crowd.Users[a.id] {
			use[k]++
			v = 1
		}
		records = append(records, Record{Name: a.name, Organization: a.id, At: b.To, Value: v, Note: note})
	}
	f := Figure{Count: int(use[1]), Of: int(n[1]), Parts: []Part{shareOf("in the community", use[1], n[1]), shareOf("others", use[0], n[0])}}
	f.Value, f.Low, f.High = f.Parts[0].Value, f.Parts[0].Low, f.Parts[0].High
	f.Unknown = problemsOf(problems, "Who uses the product more comes to the community more: this says nothing of what comes first.")
	return f, records, nil
}

func launchReach(b *Books) (Figure, []Record, error) {
	n := float64(len(b.Crowd.Reach))
	f := Figure{Value: &n, Count: len(b.Crowd.Reach), Of: b.Crowd.Active, Parts: []Part{shareOf("of those active", int64(min(len(b.Crowd.Reach), b.Crowd.Active)), int64(b.Crowd.Active))}, Unknown: []string{"Who read it and did nothing."}}
	return f, b.Crowd.Reach, nil
}

func (b *Books) mentioned() (own, others int, records []Record) {
	for _, m := range b.Crowd.Mentions {
		if !m.Own {
			others++
			continue
		}
		own++
		records = append(records, Record{Name: m.Title, Member: m.Member, Activity: m.Activity, At: m.At, Value: 1, Note: "has “" + m.Word + "”"})
	}
	return own, others, records
}

// noWords is said where nobody has said which words are the brand's.
const noWords = "Which words are the brand's: set them under Assumptions."

func mentions(b *Books) (Figure, []Record, error) {
	if len(b.Inputs[wordsOfBrand].Words) == 0 {
		return Figure{Unknown: []string{noWords}}, nil, nil
	}
	own, _, records := b.mentioned()
	n := float64(own)
	return Figure{Value: &n, Count: own, Inputs: []Input{b.Inputs[wordsOfBrand]}, Unknown: []string{"What is said where no source is connected."}}, records, nil
}

func voice(b *Books) (Figure, []Record, error) {
	if len(b.Inputs[wordsOfBrand].Words) == 0 || len(b.Inputs[wordsOfOthers].Words) == 0 {
		return Figure{Unknown: []string{"Which words are the brand's, and which are those of others: set both under Assumptions. Connect places where people speak of others, too, such as Reddit and Hacker News."}}, nil, nil
	}
	own, others, records := b.mentioned()
	p := shareOf("", int64(own), int64(own+others))
	return Figure{Value: p.Value, Low: p.Low, High: p.High, Count: own, Of: own + others, Inputs: []Input{b.Inputs[wordsOfBrand], b.Inputs[wordsOfOthers]}, Unknown: []string{"What is said where no source is connected: here people speak of us more than elsewhere."}}, records, nil
}

func champions(b *Books) (Figure, []Record, error) {
	n := float64(b.Crowd.Champions)
	var records []Record
	for _, id := range b.Crowd.ChampionIDs {
		records = append(records, Record{Member: id, At: b.To, Value: 1})
	}
	return Figure{Value: &n, Count: b.Crowd.Champions}, records, nil
}

// spent are the lines of the ledger with what they come to in the time.
func (b *Books) spent(problems map[string]bool) (sum float64, parts []Part, records []Record) {
	by := make(map[string]*Part)
	add := func(category string, amount float64, r Record) {
		if amount == 0 {
			return
		}
		sum += amount
		if by[category] == nil {
			by[category] = &Part{Label: category, Value: new(float64), Unit: UnitMoney}
		}
		*by[category].Value += amount
		by[category].Count++
		r.Value = amount
		records = append(records, r)
	}
	for i := range b.Costs {
		c := &b.Costs[i]
		v, at := c.In(b.From, b.To)
		if at.IsZero() {
			at = b.From
		}
		amount := b.money(greenroom.Money{Amount: v, Currency: c.Currency}, at, problems)
		add(c.Category, amount, Record{Name: c.Name, At: at, Note: c.words()})
	}
	for _, p := range b.Crowd.Spent {
		add("programs", b.money(p.Money, b.To, problems), Record{Name: p.Program, At: b.From, Note: "what the program noted as spent"})
	}
	for _, p := range by {
		parts = append(parts, *p)
	}
	slices.SortFunc(parts, func(x, y Part) int { return strings.Compare(x.Label, y.Label) })
	return sum, parts, records
}

func costs(b *Books) (Figure, []Record, error) {
	problems := make(map[string]bool)
	sum, parts, records := b.spent(problems)
	f := Figure{Value: &sum, Count: len(records), Parts: parts, Unknown: problemsOf(problems)}
	if len(records) == 0 {
		f.Value = nil
		f.Unknown = append(f.Unknown, "What the community costs: the ledger has nothing for this time.")
	}
	return f, records, nil
}

func roi(b *Books) (Figure, []Record, error) {
	problems := make(map[string]bool)
	cost, _, records := b.spent(problems)
	if cost <= 0 {
		return Figure{Unknown: problemsOf(problems, "What the community costs: the ledger has nothing for this time.")}, nil, nil
	}
	saves, _, err := saved(b)
	if err != nil {
		return Figure{}, nil, err
	}
	won, n := 0.0, 0
	for i := range b.Deals {
		d := &b.Deals[i]
		if !b.in(wonAt(d)) {
			continue
		}
		if x := b.dealOf(d, problems); named(x.Source, b.Names) {
			won += x.Amount
			n++
			records = append(records, dealRecord(d, d.Closed, x.Amount, "won; the CRM says “"+x.Source+"”"))
		}
	}
	light := func(key string) verdict.Light {
		if l := b.Lights[key]; l != "" {
			return l
		}
		return verdict.Correlation
	}
	savings := assumption.Input{Name: "saved by deflection", Origin: "see “Saved by deflection”", Low: *saves.Low, Likely: *saves.Value, High: *saves.High}
	sourced := assumption.Exactly("revenue of deals that the CRM says the community sourced", won, b.Rates.Reporting, fmt.Sprintf("%d deals of the CRM", n))
	account, err := returns.Over(b.months(), []returns.Cost{{Amount: assumption.Exactly("cost", cost, b.Rates.Reporting, "the ledger"), Rhythm: returns.Once}}, []returns.Value{
		{Amount: savings, Rhythm: returns.Once, About: "support", Light: light("deflection_savings")},
		{Amount: sourced, Rhythm: returns.Once, About: "deals", Light: light("pipeline_sourced_record")},
	}, seedOf)
	if err != nil {
		return Figure{}, nil, fmt.Errorf("setting value against cost: %w", err)
	}
	all, sure := account.All, account.Sure
	f := Figure{Value: &all.ROI.Likely, Low: &all.ROI.Low, High: &all.ROI.High, Count: len(records)}
	f.Parts = []Part{
		{Label: "ROI, only what is known well", Value: &sure.ROI.Likely, Low: &sure.ROI.Low, High: &sure.ROI.High, Unit: UnitShare},
		{Label: "cost", Value: &all.Cost.Likely, Unit: UnitMoney},
		{Label: "value: saved by deflection", Value: saves.Value, Low: saves.Low, High: saves.High, Unit: UnitMoney},
		{Label: "value: revenue sourced, as the CRM says", Value: &won, Unit: UnitMoney, Count: n},
		{Label: "chance that it costs more than it brings", Value: &all.Loss, Unit: UnitShare},
	}
	f.Inputs = saves.Inputs
	f.Matters = saves.Matters
	f.Unknown = problemsOf(problems, append(saves.Unknown, "How much of the value would be there without the community.")...)
	return f, records, nil
}

// named reports whether an origin names the community.
func named(origin string, names []string) bool {
	for _, n := range names {
		if strings.EqualFold(strings.TrimSpace(origin), n) {
			return true
		}
	}
	return false
}

// HasWord reports whether a text has a word that does not go on in letters or digits on either side; both are in lower case.
func HasWord(text, word string) bool {
	inside := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	for at := 0; ; {
		i := strings.Index(text[at:], word)
		if i < 0 {
			return false
		}
		before, _ := utf8.DecodeLastRuneInString(text[:at+i])
		after, _ := utf8.DecodeRuneInString(text[at+i+len(word):])
		if !inside(before) && !inside(after) {
			return true
		}
		at += i + len(word)
	}
}
