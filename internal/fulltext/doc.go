// Package fulltext makes text searchable: it folds letters, cuts text into tokens, reads what people type into a search
// field, and finds it again in a text. It is pure, and knows nothing of tickets or databases.
//
// Both sides of a search go through the same door: what is stored and what is asked are tokens of this package, so a
// store compares them byte by byte. A token holds the letters a to z, the digits, and what is beyond ASCII; no
// punctuation, no blanks, no NUL. That is why nothing that anybody types can mean something to a database.
//
//   - Words are runs of letters, digits and marks; all else parts them. A code, an address or a file name is several
//     tokens that stand side by side, and is found whole, as a phrase, and by its parts.
//   - Scripts that write no blanks between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese), and Korean, whose words
//     grow at their ends, are cut into pairs of letters that overlap: 日本語 is 日本, 本語, and 語 for its end. What is asked
//     for is the same pairs as a phrase, so it is found wherever it stands.
package fulltext
