// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package business makes of what a CRM, a ticketing system and a billing system tell what can be reckoned with, and of that the
// view on an account: who from it is here, how it does, why, and what to do next.
//
// What a source said stays as it is (greenroom.BusinessRecord: a stage's name, an amount, fields). The pure functions of this
// package read it: Deal says whether a stage means open, won or lost, Subscription what it brings a month, LifecycleOf when an
// organization tried, bought and left. What a stage means is decided by people (StageRule) and suggested by Suggest; until
// somebody decides, the source's own word counts, then the suggestion. Money is never added across currencies: greenroom.Rates
// converts by the rate of the day, and a missing rate is an error that names it.
//
// Health is a sum of reasons that each stand for themselves (see health.go): no model, no training, every point with its numbers
// and the records behind it.
package business
