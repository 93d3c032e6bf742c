// Package survey is the pages behind the links by which customers say what they think of an answer (M25): one that asks, and
// one that says thank you.
//
//	mux.Handle("/survey/", survey.Handler(desk.Ratings(), nil))
//	link, err := desk.Ratings().Survey(ctx, messageID)
//	url := survey.URL("https://shop.example/survey/", link, "good")
//
// GET asks and writes nothing, however often and by whomever a link is followed, as mail scanners do. POST records. The link
// is all the right that it takes: there is no login, no cookie and no script.
package survey
