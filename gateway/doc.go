// Package gateway turns mail into something a help desk can reason about.
//
// [Read] takes the raw bytes of one mail, as a server handed them over, and
// returns a [Mail]: sender, subject, threading ids, text, HTML and attachments.
// It never fails. A mail that no parser understands becomes a degraded Mail that
// still has whatever subject, sender and text could be found, so that a customer
// who wrote to the desk is never lost to a malformed header.
//
// Reading goes through five steps, each in its own file:
//
//   - the bytes are repaired where the damage is common and harmless (clean.go);
//   - go-message splits them into parts (strict.go); where it reports anything,
//     enmime does it leniently (lenient.go); both yield the same tree (part.go),
//     parts that neither finds are divided as their body shows (delimiter.go), and
//     all stand under the [Limits] of size, number, depth and time;
//   - one and the same code decodes what the tree holds: transfer encodings,
//     charsets, encoded words, names, addresses;
//   - envelopes are opened: signed and compressed S/MIME, and what the host can
//     decrypt (unwrap.go);
//   - text, HTML and attachments are gathered from the tree (body.go), with the files
//     in winmail.dat and in uuencoded texts.
//
// [Sanitize] makes HTML bodies safe to show.
//
// No type of a parser library appears in an exported signature.
//
// [Classify] says what kind of mail it is (a person's, a robot's, a list's, a bounce), whether it may be answered and
// may reopen a ticket, and on what evidence. [Forwarded], [Author], [Authentication] and [SpamVerdict] say what else a
// header tells. All of them are pure.
//
// [Citations] lists what a mail says about the ticket it belongs to, the most
// trustworthy first; matching it with the store is the ingest's work.
//
// [Mail.Folds], [SplitText] and [SplitHTML] tell what of a mail is new, and what
// quotes earlier mails or is a signature. Nothing is cut off for that: the
// messages of tickets keep the whole text, and the ranges of it that can be folded.
//
// Package gateway/imap fetches mails from a server.
package gateway
