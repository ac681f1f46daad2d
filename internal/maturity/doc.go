// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package maturity says where the community stands: in which phase it is, how well the field's competencies are had, and what
// is missing for the next phase.
//
// # Where it comes from
//
// The phases follow Common Room's "phases of community growth": seeding, growing healthily, and demonstrating business impact
// (https://www.commonroom.io/blog/phases-of-community-growth/). The eight competencies are those that The Community Roundtable
// names in its Community Maturity Model, and asks about each year for The State of Community Management
// (https://communityroundtable.com/best-practices/2019-edition-of-the-community-maturity-model). The questions, their levels and
// all thresholds are ours: rules of thumb, shown with every result so that they can be argued with. A level here is no score of
// The Community Roundtable's.
//
// # People and data
//
// Several people answer, and each keeps the answers that they gave. A question's level is the mean of what people said; where
// nobody answered and data can tell, it is what data tell. A competency's level is the mean of its questions, its range goes from
// the lowest voice to the highest, data included. People who are two levels apart disagree, and that is shown, as it is where
// data say otherwise than people do. Evidence is computed each time, and leads to the records behind it; only an assessment that
// somebody keeps is stored, as it was.
//
// # The phase
//
// A phase is reached when all of its checks but one hold, and those of the phases before. What cannot be told does not hold. A
// team that knows better sets its phase by hand; what data say stays beside it.
package maturity
