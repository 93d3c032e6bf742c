// Package smtp hands letters to a mail server (RFC 5321), for its own domain or for all the world: over TLS or STARTTLS
// (RFC 8314, 3207), logged in with a password or a token (RFC 4954), over connections that are kept for the next letter, and
// signed by DKIM (RFC 6376) if wished.
//
// A letter goes to one recipient at a time, for each has marks of its own. What becomes of it is one of three things: the
// server has taken it; it never will (Error.Permanent); or it has to be tried again. After the last of these the server may
// have taken it all the same, where the connection broke between the letter's end and the answer: a letter that is sent
// again must be the same, under the same Message-ID.
package smtp
