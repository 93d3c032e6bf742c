// Package roundtrip has tests only: of mail that leaves the desk, is answered by the mail programs of people, and comes
// back, over real servers in both directions.
package roundtrip
