// Package imap fetches mails from an IMAP server (RFC 3501, RFC 9051).
//
// What is new is decided by UIDVALIDITY and the last UID, which the caller keeps
// as a [Cursor], never by the unread flag: mailboxes are opened read-only and no
// flag is ever changed.
//
//	mailbox, err := imap.New(config)
//	cursor, err = mailbox.Fetch(ctx, cursor, func(ctx context.Context, m imap.Message) error {
//		return store(m) // one mail at a time, then m.Next may be stored as the cursor
//	})
//
// A server is not trusted to answer, nor to answer sensibly. Every phase has its
// own deadline that closes the connection; a mail on which the server or the
// protocol fails is singled out, tried a few times and reported as unfetchable,
// and the others go on; bodies are held one at a time and their size is bounded;
// text from the server appears in errors only quoted and shortened.
package imap
