// Package migrate compares an API that another library protects with the same API behind
// bearerguard, for the pages docs/migrate-*.md.
//
// Each directory has the two programs, which the page shows, and a test that sends the same
// requests to both. The page has the table that [Comparison.Check] makes of the answers.
package migrate
