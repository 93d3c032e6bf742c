package main

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"strings"
	"text/tabwriter"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/notify"
)

// telling has the desk tell people by mail, which a sink catches.
func (a *app) telling() (*sink, func() error, error) {
	s, err := startSink()
	if err != nil {
		return nil, nil, err
	}
	mail, err := s.mailer()
	if err == nil {
		_, err = notify.New(a.desk.Notification(), a.store, &notify.Options{Mail: mail, From: "support@desk.example", Name: "The Lamp Shop", Logger: a.logger})
	}
	if err != nil {
		s.close()
		return nil, nil, err
	}
	return s, func() error { defer s.close(); return mail.Close() }, nil
}

// send has all notifications sent that are due.
func (a *app) send(ctx context.Context) error {
	for {
		if n, err := a.desk.Tick(ctx); err != nil || n == 0 {
			return err
		}
	}
}

// converse prints what was sent about the lamp, and has one customer answer: her mail answers the notification, and lands in her ticket.
func (a *app) converse(ctx context.Context, s *sink, inbox *server, g *gateway.Gateway, src gateway.Source) error {
	mails := s.mails()
	if err := a.printMails(mails); err != nil {
		return err
	}
	for _, m := range mails {
		if m.to != "ann@example.com" || !strings.Contains(m.body, "a new lamp leaves today") {
			continue
		}
		if err := inbox.append(m.answerTo("Ann Example <ann@example.com>", "Thank you! The box is by the door.")); err != nil {
			return err
		}
		outcomes, err := g.Poll(ctx, src)
		if err = errors.Join(err, a.deliver(ctx)); err != nil {
			return err
		}
		fmt.Fprintf(a.out, "\nANSWER of Ann to that notification: %s\n", counted(outcomes))
		if err := a.printLast(ctx, outcomes); err != nil {
			return err
		}
		return a.send(ctx)
	}
	return nil
}

func (a *app) printMails(mails []caught) error {
	fmt.Fprint(a.out, "\nNOTIFICATIONS\n")
	if len(mails) == 0 {
		fmt.Fprintln(a.out, "none was sent: nothing is new")
		return nil
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "to\tfrom\tsubject")
	about := 0
	for _, m := range mails {
		if !strings.Contains(m.Header.Get("Subject"), "lamp") {
			continue
		}
		about++
		fmt.Fprintf(w, "%s\t%s\t%s\n", oneLine(m.to), decoded(m.Header.Get("From")), decoded(m.Header.Get("Subject")))
	}
	fmt.Fprintf(w, "and %d more, caught by a mail server in this program\n", len(mails)-about)
	return w.Flush()
}

// decoded is a field as people read it.
func decoded(field string) string {
	text, err := new(mime.WordDecoder).DecodeHeader(field)
	if err != nil {
		return oneLine(field)
	}
	return oneLine(text)
}
