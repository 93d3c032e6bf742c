package main

import "github.com/helpdeskgo/helpdesk/gateway"

// splitMail is what the sender newly wrote, what they quoted, and their signature.
func splitMail(m *gateway.Mail) (reply, quoted, signature string) { return m.Text, "", "" }

// sanitised is the HTML as it may be shown.
func sanitised(*gateway.Mail) string { return "" }
