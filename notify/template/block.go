package template

import (
	_ "embed"
	"html/template"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/htmltext"
)

//go:embed blocks.html
var blockSource string

// block draws what a variable of several parts stands for.
func (v *view) block(name string, data row) any {
	data["words"] = map[string]string(v.words)
	if !v.html {
		return plainBlocks[name](v, data)
	}
	var b strings.Builder
	if err := v.blocks.ExecuteTemplate(&b, name, data); err != nil {
		return "" // only a fault in blocks.html can be the cause, and every test would meet it
	}
	return template.HTML(strings.TrimSpace(b.String())) //nolint:gosec // html/template wrote it
}

// plainBlocks are the blocks of texts.
var plainBlocks = map[string]func(*view, row) string{
	"message": func(v *view, r row) string {
		return joined("\n\n", r["claims"].(string), r["text"].(string), labelled(v.words["files"], r["files"].(string)))
	},
	"details": func(_ *view, r row) string {
		var out []string
		for _, d := range r["rows"].([]row) {
			out = append(out, labelled(d["label"].(string), d["value"].(string)))
		}
		return strings.Join(out, "\n")
	},
	"history": func(v *view, r row) string {
		out := []string{v.words["history"]}
		for _, t := range r["rows"].([]row) {
			said := joined("\n\n", t["text"].(string), labelled(v.words["files"], t["files"].(string)))
			out = append(out, t["wrote"].(string)+"\n> "+strings.ReplaceAll(said, "\n", "\n> "))
		}
		return strings.Join(out, "\n\n")
	},
	"survey": func(v *view, r row) string {
		out := []string{v.words["survey"]}
		for _, g := range r["rows"].([]row) {
			out = append(out, labelled(g["label"].(string), g["url"].(string)))
		}
		return strings.Join(out, "\n")
	},
	"button": func(_ *view, r row) string { return labelled(r["label"].(string), r["url"].(string)) },
}

// joined puts what is not empty together.
func joined(between string, parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, between)
}

// labelled is a value with what it is; nothing for none.
func labelled(label, value string) string {
	if value == "" {
		return ""
	}
	return label + ": " + value
}

func (v *view) details() any {
	var list []row
	add := func(key, value string) {
		if value = oneLine(value, maxLine); value != "" {
			list = append(list, row{"label": v.words["field_"+key], "value": value})
		}
	}
	add("code", v.ticket().Code)
	customer := v.customer()
	if email := v.ticket().Requester.Email; email != "" && email != customer && (!v.staff || !v.Stranger) {
		customer += " <" + email + ">"
	}
	add("requester", customer)
	add("department", v.department())
	add("status", v.status())
	add("priority", v.priority())
	if v.staff {
		add("assignee", v.Owner.Name)
	}
	add("service", v.ticket().Service)
	if len(list) == 0 {
		return ""
	}
	return v.block("details", row{"rows": list})
}

func (v *view) history() any {
	list := v.turnList()
	if len(list) == 0 {
		return ""
	}
	for _, t := range list {
		key := "wrote"
		switch {
		case t["unproven"].(bool):
			key = "claimed"
		case t["internal"].(bool):
			key = "noted"
		}
		t["wrote"] = filled(v.words[key], func(name string) string {
			if name == "author" {
				return t["author"].(string)
			}
			return t["date"].(moment).String()
		})
	}
	side := "left"
	if direction(v.locale) == "rtl" {
		side = "right"
	}
	return v.block("history", row{"rows": list, "side": side})
}

func (v *view) survey() any {
	list := v.gradeList()
	if len(list) == 0 {
		return ""
	}
	return v.block("survey", row{"rows": list})
}

func (v *view) button() any {
	u := v.url()
	if u == "" || v.Ticket == nil || v.kind == ThirdPartyMessage {
		return ""
	}
	key := "open"
	if v.staff {
		key = "open_staff"
	}
	return v.block("button", row{"label": v.words[key], "url": u})
}

// signature is that of the agent, in the form of the letter.
func (v *view) signature() any {
	s := v.Signature
	switch {
	case !v.signs():
		return ""
	case v.html && s.HTML != "" && len(s.HTML) <= maxHTML*maxQuoted:
		return template.HTML(unmarkedHTML(s.HTML)) //nolint:gosec // safe already, as Facts says
	case s.Text == "":
		return v.plain(htmltext.Convert(s.HTML[:min(len(s.HTML), maxHTML*maxQuoted)]), maxQuoted)
	}
	return v.plain(s.Text, maxQuoted)
}

// hiddenCode is the mark by which an answer finds its ticket.
func (v *view) hiddenCode() any {
	if v.html {
		return template.HTML(v.Marks.HTML) //nolint:gosec // the desk made it
	}
	return v.Marks.Code
}
