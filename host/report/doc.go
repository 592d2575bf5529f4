// Package report puts results before a person: it draws networks, compares a
// search with its random control, says whether a policy learned, and lays out
// tables and charts for a terminal.
//
// Everything here is a pure function from values to text or numbers. The
// caller says what its terminal can show in a Screen; no line is ever wider
// than that, and none ends in a space.
//
// # Why a t interval over seeds, and not a bootstrap?
//
// A study is repeated over a handful of seeds. The percentile bootstrap then
// resamples five numbers and covers the truth in about 84 % of cases where it
// claims 95 %; Student's t, which knows how little five numbers say about
// their spread, holds its promise (TestIntervalCoverage measures both). The
// bootstrap stays available for many seeds and skewed metrics.
//
// # Why is the verdict the interval's, when there is a p value too?
//
// With five paired seeds an exact sign-flip test cannot give a p value under
// 2/32 = 0.0625, however large the difference. The interval assumes more and
// can say more; the sentence gives both, and the least p value possible.
package report
