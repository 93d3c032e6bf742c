package helpdesk_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestCreate(t *testing.T) {
	t.Parallel()
	t.Run("M02 M03 a new ticket has the desk's, the department's or the gateway's defaults", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Departments: []ticket.Department{{Code: "support", Name: "Support"}, {Code: "sales", Name: "Sales"}}})
		tk := open(t, d, ann)
		equal(t, "priority", tk.Priority, "medium")
		equal(t, "status", tk.Status, "open")
		ok(t, d.Settings().Update(as(bob), ticket.DeskLayer, ticket.SettingsPatch{DefaultPriority: new("low")}))
		ok(t, d.Settings().Update(as(bob), ticket.DepartmentLayer("sales"), ticket.SettingsPatch{DefaultPriority: new("high"), DefaultStatus: new("in_progress")}))
		ok(t, d.Settings().Update(as(bob), ticket.GatewayLayer("info"), ticket.SettingsPatch{DefaultStatus: new("closed")}))
		draft := lamp()
		draft.Department = "sales"
		tk = must(d.CreateTicket(as(ann), draft))(t)
		equal(t, "priority", tk.Priority, "high")
		equal(t, "status", tk.Status, "in_progress")
		draft.Mail = &ticket.Mail{Gateway: "info"}
		tk = must(d.CreateTicket(as(ann.Via(ticket.ChannelEmail)), draft))(t)
		equal(t, "status by gateway", tk.Status, "closed")
		equal(t, "priority by department", tk.Priority, "high")
		equal(t, "priority of the desk", open(t, d, ann).Priority, "low")
	})
	t.Run("M66 M67 channel, origin, IP, user agent and service are recorded", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a := guest.Via(ticket.ChannelFeedbackTab)
		a.IP, a.UserAgent, a.OriginURL = "192.0.2.7", "Browser/1", "https://shop.example/lamp"
		draft := lamp()
		draft.Service = "order-17"
		tk := must(d.CreateTicket(as(a), draft))(t)
		equal(t, "channel", tk.Channel, ticket.ChannelFeedbackTab)
		equal(t, "ip", tk.IP, "192.0.2.7")
		equal(t, "user agent", tk.UserAgent, "Browser/1")
		equal(t, "origin", tk.OriginURL, "https://shop.example/lamp")
		equal(t, "service", tk.Service, "order-17")
		for _, c := range []ticket.Channel{ticket.ChannelEmail, ticket.ChannelContactForm, ticket.ChannelAccount, ticket.ChannelBackend, ticket.ChannelAPI} {
			equal(t, "channel", must(d.CreateTicket(as(ann.Via(c)), lamp()))(t).Channel, c)
		}
	})
	t.Run("M71 a draft takes an external id that is unique, a phone, and close at once", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		draft := lamp()
		draft.External, draft.Phone, draft.Close = "shop-1", "+49 30 1", true
		draft.Requester = ann.Person()
		d.ResetFired()
		tk := must(d.CreateTicket(as(host), draft))(t)
		equal(t, "class", tk.Class, ticket.ClassClosed)
		equal(t, "phone", tk.Phone, "+49 30 1")
		equal(t, "TicketClosed", d.Fired()["TicketClosed"], 1)
		if _, err := d.CreateTicket(as(host), draft); !errors.Is(err, ticket.ErrExists) {
			t.Errorf("the second is %v, want ErrExists", err)
		}
		equal(t, "by external", must(d.TicketByExternal(as(host), "shop-1"))(t).ID, tk.ID)
	})
	t.Run("I04 a ticket has several related objects and is found by them", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		draft := lamp()
		draft.Related = []ticket.Ref{{Kind: "server", ID: "s1", Label: "web-1"}, {Kind: "server", ID: "s2"}}
		tk := must(d.CreateTicket(as(ann), draft))(t)
		open(t, d, ann)
		page := must(d.Tickets(as(bob), ticket.Query{Related: ticket.Ref{Kind: "server", ID: "s2"}}))(t)
		if len(page.Tickets) != 1 || page.Tickets[0].ID != tk.ID {
			t.Errorf("found %v", page.Tickets)
		}
	})
	t.Run("X18 an empty body with a file is valid, an empty one without is not, and by mail it is", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		draft := ticket.Draft{Subject: "Picture", Files: []ticket.Upload{{Name: `C:\dir\lamp.png`, Type: "image/png", Content: strings.NewReader("png")}}}
		tk := must(d.CreateTicket(as(ann), draft))(t)
		m := must(d.Messages(as(ann), tk.ID, ticket.MessageQuery{}))(t)[0]
		equal(t, "name", m.Files[0].Name, "lamp.png")
		r, f, err := d.Files().Open(as(ann), m.ID, 0)
		ok(t, err)
		equal(t, "content", string(must(io.ReadAll(r))(t)), "png")
		equal(t, "size", f.Size, 3)
		_, err = d.CreateTicket(as(ann), ticket.Draft{Subject: "Nothing"})
		invalid(t, err, "body")
		must(d.CreateTicket(as(ann.Via(ticket.ChannelEmail)), ticket.Draft{Subject: "Nothing"}))(t)
	})
	t.Run("M09 a body is stored as given, in its format", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		for f, body := range map[ticket.Format]string{ticket.Plain: "a < b\r\n", ticket.Markdown: "*a*", ticket.HTML: "<b onclick=x>a</b>"} {
			draft := lamp()
			draft.Body, draft.Format = body, f
			tk := must(d.CreateTicket(as(ann), draft))(t)
			m := must(d.Messages(as(ann), tk.ID, ticket.MessageQuery{}))(t)[0]
			equal(t, "body", m.Body, body)
			equal(t, "format", m.Format, f)
		}
	})
	t.Run("B05 the directory is asked with the brand, and the same address is one person", func(t *testing.T) {
		t.Parallel()
		dir := directory{people: map[string]ticket.Person{"gus@example.com": {ID: "99", Name: "Gus the Customer"}}}
		d := newDesk(t, helpdesk.Config{Directory: dir, Brands: []ticket.Brand{{Code: "default", Name: "D"}, {Code: "outlet", Name: "O"}}})
		draft := lamp()
		a := must(d.CreateTicket(as(guest), draft))(t)
		draft.Brand = "outlet"
		b := must(d.CreateTicket(as(guest), draft))(t)
		equal(t, "requester", a.Requester.ID, "99")
		equal(t, "requester at the other brand", b.Requester.ID, "99")
		equal(t, "organisation", b.Organisation, "outlet-org")
	})
}

func TestCodes(t *testing.T) {
	t.Parallel()
	t.Run("M21 codes of both formats are written and read back, in a subject too", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a := open(t, d, ann)
		if found := d.Mail().Codes().Find("AW: " + ticket.SubjectWithCode(a.Code, "Lamp")); !slices.Equal(found, []string{a.Code}) {
			t.Errorf("found %v in the subject, want %s", found, a.Code)
		}
		equal(t, "by code", must(d.TicketByCode(as(ann), "[#"+strings.ToLower(a.Code)+"]"))(t).ID, a.ID)
	})
	t.Run("M21 old formats are recognised after a change", func(t *testing.T) {
		t.Parallel()
		d := newDeskOnce(t, helpdesk.Config{})
		old := open(t, d, ann)
		ok(t, d.Settings().Update(as(bob), ticket.DeskLayer, ticket.SettingsPatch{CodeFormat: new("number"), CodeInSubject: new(false)}))
		fresh := open(t, d, ann)
		equal(t, "new code", fresh.Code, "TCK-1")
		got := d.Mail().Codes().Find("both " + old.Code + " and " + fresh.Code)
		if !slices.Contains(got, old.Code) || !slices.Contains(got, fresh.Code) {
			t.Errorf("found %v", got)
		}
		equal(t, "old one", must(d.TicketByCode(as(ann), old.Code))(t).ID, old.ID)
		equal(t, "switch", must(d.Settings().Get(as(bob), "", "", ""))(t).CodeInSubject, false)
	})
	t.Run("I01 numbers never repeat, also under concurrency and after a purge, and brands have their own prefix", func(t *testing.T) {
		t.Parallel()
		d := newDeskOnce(t, helpdesk.Config{Settings: ticket.SettingsPatch{CodeFormat: new("number")},
			Brands: []ticket.Brand{{Code: "default", Name: "D"}, {Code: "msp", Name: "M", TicketPrefix: "msp"}}})
		seen := make(chan string, 100)
		t.Run("concurrently", func(t *testing.T) {
			for range 4 {
				t.Run("", func(t *testing.T) {
					t.Parallel()
					for range 25 {
						seen <- must(d.CreateTicket(as(ann), lamp()))(t).Code
					}
				})
			}
		})
		close(seen)
		all := map[string]bool{}
		for c := range seen {
			if all[c] {
				t.Errorf("%s came twice", c)
			}
			all[c] = true
		}
		equal(t, "codes", len(all), 100)
		last := open(t, d, ann)
		ok(t, d.DeleteTicket(as(bob), last.ID))
		ok(t, d.Purge(as(bob), last.ID))
		if next := open(t, d, ann); next.Code == last.Code {
			t.Errorf("%s was given again", next.Code)
		}
		draft := lamp()
		draft.Brand = "msp"
		equal(t, "code of the brand", must(d.CreateTicket(as(ann), draft))(t).Code, "MSP-1")
	})
}

func TestBrands(t *testing.T) {
	t.Parallel()
	two := []ticket.Brand{{Code: "default", Name: "Shop"}, {Code: "outlet", Name: "Outlet", Locales: []string{"de"}, Zone: "Europe/Berlin", CustomerURL: "https://outlet.example"}}
	t.Run("B01 a default brand exists, and hosts with one shop never name it", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		equal(t, "brand", open(t, d, ann).Brand, "default")
		equal(t, "brands", len(must(d.Catalog().Brands(as(bob)))(t)), 1)
		for _, zone := range []string{"Mars/Phobos", "Local"} { // whose?
			invalid(t, d.Catalog().PutBrand(as(bob), ticket.Brand{Code: "x", Name: "X", Zone: zone}), "zone")
		}
	})
	t.Run("B02 a ticket has one brand, from draft, gateway or default; changes are journalled; lists filter by it", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Brands: two})
		ok(t, d.Settings().Update(as(bob), ticket.GatewayLayer("outlet-mail"), ticket.SettingsPatch{DefaultBrand: new("outlet")}))
		draft := lamp()
		draft.Mail = &ticket.Mail{Gateway: "outlet-mail"}
		tk := must(d.CreateTicket(as(guest.Via(ticket.ChannelEmail)), draft))(t)
		equal(t, "brand by gateway", tk.Brand, "outlet")
		tk = must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Brand: new("default")}))(t)
		equal(t, "brand", tk.Brand, "default")
		equal(t, "TicketBrandChange", d.Fired()["TicketBrandChange"], 1)
		c := changeOf(t, d, tk.ID, "brand")
		equal(t, "old", c.Old, "outlet")
		equal(t, "in the outlet", len(must(d.Tickets(as(bob), ticket.Query{Brands: []string{"outlet"}}))(t).Tickets), 0)
		equal(t, "in the shop", len(must(d.Tickets(as(bob), ticket.Query{Brands: []string{"default"}}))(t).Tickets), 1)
	})
	t.Run("B04 settings override one by one: desk < brand < department < gateway", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Brands: two})
		for layer, p := range map[ticket.Layer]string{ticket.DeskLayer: "1", ticket.BrandLayer("outlet"): "2", ticket.DepartmentLayer("support"): "3", ticket.GatewayLayer("g"): "4"} {
			ok(t, d.Settings().Update(as(bob), layer, ticket.SettingsPatch{EmptySubject: &p}))
		}
		for _, c := range []struct{ brand, dep, gateway, want string }{{"", "other", "", "1"}, {"default", "other", "", "1"}, {"outlet", "other", "", "2"}, {"outlet", "support", "", "3"}, {"outlet", "", "", "3"}, {"", "", "", "3"}, {"outlet", "support", "g", "4"}, {"", "", "g", "4"}} {
			equal(t, c.brand+"/"+c.dep+"/"+c.gateway, must(d.Settings().Get(as(bob), c.brand, c.dep, c.gateway))(t).EmptySubject, c.want)
		}
	})
	t.Run("B03 a department with a list of brands serves those only", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Brands: two})
		ok(t, d.Catalog().PutDepartment(as(bob), ticket.Department{Code: "returns", Name: "Returns", Brands: []string{"outlet"}}))
		draft := lamp()
		draft.Department = "returns"
		_, err := d.CreateTicket(as(ann), draft)
		invalid(t, err, "department")
		draft.Brand = "outlet"
		must(d.CreateTicket(as(ann), draft))(t)
	})
}
