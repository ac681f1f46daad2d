// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package identity tells which accounts are one person.
//
// It is pure: records and decisions go in, clusters, suggestions and reasons
// come out, and the outcome depends on the set of records and decisions alone.
// Order, repetition, and the number of goroutines make no difference, so a
// store that is rebuilt from its sources comes out as it was. Nothing is
// kept between calls. Taking a decision back is leaving it out.
//
//	engine, err := identity.New(identity.Config{})
//	result := engine.Resolve(records, decisions)
//	result.Clusters                    // who is who
//	result.Suggestions                 // pairs for a person to judge
//	result.Explain("a", "b")           // why, each reason with its weight
//	live := result.Live()              // or, after a restart, engine.Index
//	live.Candidates(record)            // who one newcomer may be, in a millisecond
//	live.Add(record)                   // place it
//
// # The model
//
// The odds that two accounts are one person are the odds before any evidence
// times, for each independent piece of evidence, how much likelier that piece
// is within one person than between strangers (Fellegi and Sunter, A Theory
// for Record Linkage, 1969). Weights are natural logarithms inside and bits in
// explanations, so that they add up.
//
//	log odds = log(duplicates/people) + Σ log(m/u)
//
// m is the chance that a piece of evidence shows within one person. Shipped
// values (weights.go) are the start; expectation maximization moves them
// towards the team's own data without labels (learn.go; Winkler, Using the EM
// Algorithm for Weight Computation, 1988), and decisions of people count as
// pairs with a known answer and move the calibration.
//
// u is the chance that it shows between strangers, and depends on the value:
// "John Smith" says less than a name that nobody else here has (Winkler,
// Frequency-Based Matching, 1989). It is counted, not learned (frequency.go):
// how many different full names hold a word, how many people a domain has,
// and for handles how likely their very letters are, by a trigram model of the
// team's own words, so that "jd" is common though seen once. Shipped shares of
// common names stand in where a team is too small to count. Because u is a
// share of the people here, the same model works for a hundred and for a
// million: a name that identifies somebody in a small team no longer does so
// in a large one.
//
// Evidence that says one thing twice must not count twice. Names, handles and
// domains are groups; of each the strongest piece counts. Within agreeing
// names, an equal handle that follows from the name counts only as far as
// namesakes do not come to the same handle; a login derived from the other's
// name is compared only where that other name is not at hand. That names and
// handles have nothing in common is evidence, too, and makes colleagues of
// those who share a domain.
//
// The hours of the day at which somebody is active, and how they write, were
// measured and are no evidence here: docs/identity.md says why.
//
// # What comes first
//
// Addresses of many people come before everything else (mailbox.go). Trackers,
// lists, gateways and placeholders would glue their users together in every
// later step: an address with three disagreeing full names, or a role with
// two, or one that a gateway uses in somebody's name, is a mailbox. It proves
// nothing, and its local part is nobody's handle.
//
// # Reading handles
//
// Many accounts have a handle and at most a given name. Their handles are taken
// apart by the given and family names of the others (reading.go): what is read
// as a full name agrees and conflicts like a written one, and an initial beside
// a family name can conflict. A given name alone says little, and how little is
// estimated by how many full names share theirs here (givenShare): the discount
// of Kneser and Ney, Improved Backing-Off for M-Gram Language Modeling, 1995.
//
// # Finding pairs
//
// Pairs are compared only if they share a key (keys.go): an address, an account
// number, a handle, two words of a name, a word and an initial, a word and a
// piece of another, a domain and a word, a handle that follows from a name.
// Some are borne weakly, as the last: pairs of which neither has the handle
// itself are not compared. A key that many share is split by further attributes until its blocks are
// small (index.go), so cost grows with the number of records.
//
// # Rivals
//
// A login "jane" goes with every Jane here and belongs to one of them. What fits
// a record without a full name is set against all else that fits it, where the
// names of these conflict (rivals.go).
//
// # Clusters
//
// Closing pairs transitively would chain strangers through one weak link.
// Instead the strongest edge is taken first, and each is weighed again against
// all that both clusters hold: a conflict of full names or account numbers
// anywhere in them counts against it, once (cluster.go). What stays above the
// threshold joins; what falls below is left for a person. Then clusters are
// compared as wholes: one identity may share the name and another the handle.
// Decisions bind throughout: "the same" is joined first, "not the same" is
// never joined, directly or through others, whatever is imported later.
//
// # Probabilities
//
// A weight becomes a probability by a logistic curve (weights.go: slope,
// offset), because evidence is never quite independent. A merge needs
// Config.Auto; Result.ExpectedWrong adds up what the probabilities of the
// merges leave open, which is how a threshold is shown to people.
package identity
