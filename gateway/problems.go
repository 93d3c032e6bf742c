package gateway

import "slices"

// problems gathers what is to be told about a mail, each thing once.
type problems struct{ list []string }

func (p *problems) add(text string) {
	if !slices.Contains(p.list, text) {
		p.list = append(p.list, text)
	}
}
