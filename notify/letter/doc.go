// Package letter writes mail: what a letter says becomes the bytes of RFC 5322 with MIME (RFC 2045 to 2049 and 2231), in
// UTF-8, with encodings that pass every server.
//
// It is pure: no clock, no chance, no network. The same letter is the same bytes, so that a mail that is sent again after a
// crash is known for the one that it repeats. What strangers have written, a subject, a name, the name of a file, can be
// no header: line breaks and control characters are taken out, and addresses that are none are refused.
//
// Files are streamed. One that cannot be read ends the writing with a *FileError: whoever sends must break off, and not
// finish a mail that lacks it.
package letter
