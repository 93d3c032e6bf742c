package template

// Source is what a template is written in. A part that is empty is taken from the next template that has it. A text
// without HTML, or HTML without a text, makes its twin.
type Source struct {
	Subject string `json:"subject,omitempty"` // for text/template
	Text    string `json:"text,omitempty"`    // for text/template
	HTML    string `json:"html,omitempty"`    // for html/template
}

// Stored is a template of the host's own, as it is stored.
type Stored struct {
	Kind     Kind   `json:"kind"`
	Brand    string `json:"brand,omitempty"`  // empty means all
	Locale   string `json:"locale,omitempty"` // empty means all
	Source          //
	Disabled bool   `json:"disabled,omitempty"` // letters of the kind are not sent
}

// Rendered is what a letter says.
type Rendered struct {
	Subject, Text, HTML string
	// Passed says why a template of the host's own was passed over for the next one; nil where none was.
	Passed error
}
