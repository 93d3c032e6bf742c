package hooks

import "github.com/helpdeskgo/helpdesk/ticket"

// Registry holds every hook point of a desk; docs/HOOKS.md has the other names of each, and which fire in which order.
// Its zero value is of no use: see New. Binding and running are safe for concurrent use.
type Registry struct {
	core

	// Filters
	TicketDraft             Filter[Creating]        // changes a draft before it is checked
	TicketReplyDraft        Filter[Replying]        // changes a reply or note before it is checked
	TicketPatch             Filter[Updating]        // changes a patch before it is checked
	TransliterateTicketText Filter[Transliterating] // changes the subject and the body of what is written, before the other filters
	SuggestAnswers          Filter[Suggesting]      // appends answers to a question that a customer is about to send
	GuestAccount            Filter[Account]         // gives a guest who opens a ticket an account at the host

	// Gates
	TicketCreateValidation       Gate[Creating]  // refuses a new ticket
	TicketClientCreateValidation Gate[Creating]  // refuses a new ticket of a client or guest
	TicketAdminCreateValidation  Gate[Creating]  // refuses a new ticket of staff
	TicketReplyValidation        Gate[Replying]  // refuses a reply
	TicketClientReplyValidation  Gate[Replying]  // refuses a reply of a client or guest
	TicketAdminReplyValidation   Gate[Replying]  // refuses a reply of staff
	TicketNoteValidation         Gate[Replying]  // refuses an internal note
	TicketUpdateValidation       Gate[Updating]  // refuses any change of a ticket's properties
	TicketStatusValidation       Gate[Updating]  // refuses a change of status, also one that a reply brings about
	TicketAssignValidation       Gate[Updating]  // refuses a change of assignee, also one that a reply brings about
	TicketDeleteValidation       Gate[Deleting]  // refuses to delete or purge a ticket
	TicketMergeValidation        Gate[Merging]   // refuses to merge tickets, or to undo that
	TicketSplitValidation        Gate[Splitting] // refuses to split a ticket
	TicketMessageValidation      Gate[Editing]   // refuses to edit or delete a message
	TicketAttachmentValidation   Gate[Attaching] // refuses a file, before its content is read
	TicketAttachmentScan         Gate[Scanning]  // refuses a file by its content, as a virus scanner does
	TicketMailValidation         Gate[Mailing]   // refuses a mail that came in

	// Guards
	TicketCreateGuard  Guard[Committing] // has the last word on a new ticket
	TicketMessageGuard Guard[Committing] // has the last word on a new, edited or deleted message
	TicketUpdateGuard  Guard[Committing] // has the last word on changed properties
	TicketMoveGuard    Guard[Committing] // has the last word on merging, splitting, and undoing them, once for each ticket
	TicketDeleteGuard  Guard[Committing] // has the last word on deleting, restoring and purging

	// Events
	TicketCreated          Event[Created]    // a ticket was opened
	TicketClientCreated    Event[Created]    // a client or guest opened a ticket
	TicketAdminCreated     Event[Created]    // staff opened a ticket
	TicketReplied          Event[Messaged]   // somebody replied
	TicketClientReplied    Event[Messaged]   // a client or guest replied
	TicketAdminReplied     Event[Messaged]   // staff replied
	TicketNoteAdded        Event[Messaged]   // an internal note was added
	TicketUpdated          Event[Updated]    // properties of a ticket changed, by themselves or with a message, all of one write together
	TicketAdminUpdated     Event[Updated]    // staff changed properties of a ticket
	TicketReplyModified    Event[Messaged]   // a message got another body
	TicketReplyDeleted     Event[Messaged]   // a message was deleted
	TicketStatusChange     Event[Changed]    // the status changed, by whatever verb
	TicketSolved           Event[Changed]    // the ticket entered a solved status
	TicketClosed           Event[Changed]    // the ticket entered a status of class closed
	TicketReopened         Event[Changed]    // a solved or closed ticket is open again
	TicketPriorityChange   Event[Changed]    // the priority changed
	TicketDepartmentChange Event[Changed]    // the ticket was transferred
	TicketAssignedChange   Event[Changed]    // the ticket was assigned, claimed or unassigned
	TicketServiceChange    Event[Changed]    // the ticket is about another order or service
	TicketSubjectChange    Event[Changed]    // the subject changed
	TicketLockChange       Event[Changed]    // the ticket was locked or unlocked
	TicketFolderChange     Event[Changed]    // the ticket was moved to another folder
	TicketBrandChange      Event[Changed]    // the ticket belongs to another brand
	TicketConverted        Event[Changed]    // the ticket was tied to an object of the host that it became
	TicketTagsChange       Event[Tagged]     // tags were added or removed
	TicketFieldsChange     Event[Fielded]    // custom fields got other values
	TicketDeleted          Event[Removed]    // a ticket was deleted; it can be restored
	TicketRestored         Event[Removed]    // a deleted ticket is back
	TicketPurged           Event[Removed]    // a deleted ticket is gone for good
	TicketRedacted         Event[Updated]    // text was taken out of a ticket for good: take it out of your copies, too
	TicketMerged           Event[Moved]      // other tickets were merged into this one
	TicketUnmerged         Event[Moved]      // tickets that were merged into this one stand for themselves again
	TicketSplit            Event[Moved]      // messages of this ticket became a new one
	TicketRated            Event[Rated]      // the customer rated an answer or the ticket
	TicketTimeLogged       Event[Timed]      // working time was logged, changed or removed
	TicketInvoiced         Event[Invoiced]   // working time was billed
	TicketInvoiceVoided    Event[Voided]     // an invoice that had no reference yet was given up
	TicketMailRejected     Event[Rejected]   // a mail was refused by a hook or a policy
	TicketUndelivered      Event[Messaged]   // a message did not reach somebody, as a mail server reported
	TicketDeliveryDead     Event[Dead]       // a delivery to a hook was given up
	CatalogChanged         Event[Configured] // an entry of the catalogue was put or deleted
	SettingsChanged        Event[Configured] // the settings of one layer changed
	PeopleChanged          Event[Configured] // a customer or an organisation was put, merged or deleted; names the fields only

	// Views
	TicketAdminAreaViewDetail        View[Page] // on a ticket's page for staff
	TicketAdminAreaViewDetailSidebar View[Page] // in the sidebar of that page
	TicketAdminAreaViewCreate        View[Page] // on the page where staff open a ticket
	TicketAdminAreaViewCreateSidebar View[Page] // in the sidebar of that page
	TicketAdminAreaViewList          View[Page] // above the staff's list of tickets
	TicketClientAreaViewDetailTop    View[Page] // at the top of a ticket's page for its customer
	TicketClientAreaViewDetail       View[Page] // above the replies on that page
	TicketClientAreaViewCreate       View[Page] // on the page where a customer opens a ticket
	TicketClientAreaViewList         View[Page] // above the customer's list of tickets
}

// Who the Client and the Admin views of a point see. What the host's own code and rules do counts as the staff's side.
var (
	clients = []ticket.ActorKind{ticket.ActorClient, ticket.ActorGuest}
	admins  = []ticket.ActorKind{ticket.ActorStaff, ticket.ActorSystem}
)

func (r *Registry) catalogue() {
	r.filters()
	r.gates()
	r.guards()
	r.lifecycleEvents()
	r.changeEvents()
	r.otherEvents()
	r.views()
}

func (r *Registry) filters() {
	addFilter(r, &r.TicketDraft, "TicketDraft", "changes a draft before it is checked")
	addFilter(r, &r.TicketReplyDraft, "TicketReplyDraft", "changes a reply or note before it is checked")
	addFilter(r, &r.TicketPatch, "TicketPatch", "changes a patch before it is checked")
	addFilter(r, &r.TransliterateTicketText, "TransliterateTicketText", "changes the subject and the body of what is written, before the other filters")
	addFilter(r, &r.SuggestAnswers, "SuggestAnswers", "appends answers to a question that a customer is about to send").alias("SubmitTicketAnswerSuggestions")
	addFilter(r, &r.GuestAccount, "GuestAccount", "gives a guest who opens a ticket an account at the host")
}

func (r *Registry) gates() {
	addGate(r, &r.TicketCreateValidation, "TicketCreateValidation", "refuses a new ticket")
	gateView(r, &r.TicketClientCreateValidation, &r.TicketCreateValidation, "TicketClientCreateValidation",
		"refuses a new ticket of a client or guest", clients).alias("TicketOpenValidation")
	gateView(r, &r.TicketAdminCreateValidation, &r.TicketCreateValidation, "TicketAdminCreateValidation", "refuses a new ticket of staff", admins)
	addGate(r, &r.TicketReplyValidation, "TicketReplyValidation", "refuses a reply")
	gateView(r, &r.TicketClientReplyValidation, &r.TicketReplyValidation, "TicketClientReplyValidation", "refuses a reply of a client or guest", clients)
	gateView(r, &r.TicketAdminReplyValidation, &r.TicketReplyValidation, "TicketAdminReplyValidation", "refuses a reply of staff", admins)
	addGate(r, &r.TicketNoteValidation, "TicketNoteValidation", "refuses an internal note")
	addGate(r, &r.TicketUpdateValidation, "TicketUpdateValidation", "refuses any change of a ticket's properties")
	addGate(r, &r.TicketStatusValidation, "TicketStatusValidation", "refuses a change of status, also one that a reply brings about")
	addGate(r, &r.TicketAssignValidation, "TicketAssignValidation", "refuses a change of assignee, also one that a reply brings about")
	addGate(r, &r.TicketDeleteValidation, "TicketDeleteValidation", "refuses to delete or purge a ticket")
	addGate(r, &r.TicketMergeValidation, "TicketMergeValidation", "refuses to merge tickets, or to undo that")
	addGate(r, &r.TicketSplitValidation, "TicketSplitValidation", "refuses to split a ticket")
	addGate(r, &r.TicketMessageValidation, "TicketMessageValidation", "refuses to edit or delete a message")
	addGate(r, &r.TicketAttachmentValidation, "TicketAttachmentValidation", "refuses a file, before its content is read")
	addGate(r, &r.TicketAttachmentScan, "TicketAttachmentScan", "refuses a file by its content, as a virus scanner does")
	addGate(r, &r.TicketMailValidation, "TicketMailValidation", "refuses a mail that came in").alias("TicketPiping")
}

func (r *Registry) guards() {
	addGuard(r, &r.TicketCreateGuard, "TicketCreateGuard", "has the last word on a new ticket")
	addGuard(r, &r.TicketMessageGuard, "TicketMessageGuard", "has the last word on a new, edited or deleted message")
	addGuard(r, &r.TicketUpdateGuard, "TicketUpdateGuard", "has the last word on changed properties")
	addGuard(r, &r.TicketMoveGuard, "TicketMoveGuard", "has the last word on merging, splitting, and undoing them, once for each ticket")
	addGuard(r, &r.TicketDeleteGuard, "TicketDeleteGuard", "has the last word on deleting, restoring and purging")
}

func (r *Registry) lifecycleEvents() {
	created := onType(ticket.EventCreated)
	addEvent(r, &r.TicketCreated, "TicketCreated", "a ticket was opened", created, buildCreated)
	addEvent(r, &r.TicketClientCreated, "TicketClientCreated", "a client or guest opened a ticket", created, buildCreated).
		only(clients, "TicketCreated").alias("TicketOpen")
	addEvent(r, &r.TicketAdminCreated, "TicketAdminCreated", "staff opened a ticket", created, buildCreated).
		only(admins, "TicketCreated").alias("TicketOpenAdmin")
	addEvent(r, &r.TicketReplied, "TicketReplied", "somebody replied", onReply, buildMessaged)
	addEvent(r, &r.TicketClientReplied, "TicketClientReplied", "a client or guest replied", onReply, buildMessaged).
		only(clients, "TicketReplied").alias("TicketUserReply")
	addEvent(r, &r.TicketAdminReplied, "TicketAdminReplied", "staff replied", onReply, buildMessaged).
		only(admins, "TicketReplied").alias("TicketAdminReply")
	addEvent(r, &r.TicketNoteAdded, "TicketNoteAdded", "an internal note was added", onType(ticket.EventNoted), buildMessaged).alias("TicketAddNote")
	addEvent(r, &r.TicketReplyModified, "TicketReplyModified", "a message got another body", onType(ticket.EventMessageEdited), buildMessaged)
	addEvent(r, &r.TicketReplyDeleted, "TicketReplyDeleted", "a message was deleted", onType(ticket.EventMessageDeleted), buildMessaged).alias("TicketDeleteReply")
	addEvent(r, &r.TicketDeleted, "TicketDeleted", "a ticket was deleted; it can be restored", onType(ticket.EventDeleted), buildRemoved).alias("TicketDelete")
	addEvent(r, &r.TicketRestored, "TicketRestored", "a deleted ticket is back", onType(ticket.EventRestored), buildRemoved)
	addEvent(r, &r.TicketPurged, "TicketPurged", "a deleted ticket is gone for good", onType(ticket.EventPurged), buildRemoved)
	addEvent(r, &r.TicketRedacted, "TicketRedacted", "text was taken out of a ticket for good: take it out of your copies, too", onType(ticket.EventRedacted), buildUpdated)
}

func (r *Registry) changeEvents() {
	updated := onUpdate
	addEvent(r, &r.TicketUpdated, "TicketUpdated", "properties of a ticket changed, by themselves or with a message, all of one write together", updated, buildUpdated)
	addEvent(r, &r.TicketAdminUpdated, "TicketAdminUpdated", "staff changed properties of a ticket", updated, buildUpdated).only(admins, "TicketUpdated")
	change := func(e *Event[Changed], name, doc, field string) *Point {
		return addEvent(r, e, name, doc, onChange(field), buildChanged(field))
	}
	change(&r.TicketStatusChange, "TicketStatusChange", "the status changed, by whatever verb", "status")
	addEvent(r, &r.TicketSolved, "TicketSolved", "the ticket entered a solved status", onSolved, buildChanged("status"))
	addEvent(r, &r.TicketClosed, "TicketClosed", "the ticket entered a status of class closed", onEntering(ticket.ClassClosed), buildChanged("status")).alias("TicketClose")
	addEvent(r, &r.TicketReopened, "TicketReopened", "a solved or closed ticket is open again", onReopened, buildChanged("status"))
	change(&r.TicketPriorityChange, "TicketPriorityChange", "the priority changed", "priority")
	change(&r.TicketDepartmentChange, "TicketDepartmentChange", "the ticket was transferred", "department")
	change(&r.TicketAssignedChange, "TicketAssignedChange", "the ticket was assigned, claimed or unassigned", "assignee").alias("TicketFlagged")
	change(&r.TicketServiceChange, "TicketServiceChange", "the ticket is about another order or service", "service")
	change(&r.TicketSubjectChange, "TicketSubjectChange", "the subject changed", "subject")
	change(&r.TicketLockChange, "TicketLockChange", "the ticket was locked or unlocked", "locked")
	change(&r.TicketFolderChange, "TicketFolderChange", "the ticket was moved to another folder", "folder")
	change(&r.TicketBrandChange, "TicketBrandChange", "the ticket belongs to another brand", "brand")
	change(&r.TicketConverted, "TicketConverted", "the ticket was tied to an object of the host that it became", "converted")
	addEvent(r, &r.TicketTagsChange, "TicketTagsChange", "tags were added or removed", onChange("tags"), buildTagged)
	addEvent(r, &r.TicketFieldsChange, "TicketFieldsChange", "custom fields got other values", onFields, buildFielded)
}

func (r *Registry) otherEvents() {
	addEvent(r, &r.TicketMerged, "TicketMerged", "other tickets were merged into this one", onType(ticket.EventMerged), buildMoved).alias("TicketMerge")
	addEvent(r, &r.TicketUnmerged, "TicketUnmerged", "tickets that were merged into this one stand for themselves again", onType(ticket.EventUnmerged), buildMoved)
	addEvent(r, &r.TicketSplit, "TicketSplit", "messages of this ticket became a new one", onType(ticket.EventSplit), buildMoved)
	addEvent(r, &r.TicketRated, "TicketRated", "the customer rated an answer or the ticket", onType(ticket.EventRated), buildRated)
	addEvent(r, &r.TicketTimeLogged, "TicketTimeLogged", "working time was logged, changed or removed", onType(ticket.EventTimeLogged), buildTimed)
	addEvent(r, &r.TicketInvoiced, "TicketInvoiced", "working time was billed", onType(ticket.EventInvoiced), buildInvoiced)
	addEvent(r, &r.TicketInvoiceVoided, "TicketInvoiceVoided", "an invoice that had no reference yet was given up", onType(ticket.EventInvoiceVoided), buildVoided)
	addEvent(r, &r.TicketMailRejected, "TicketMailRejected", "a mail was refused by a hook or a policy", onType(ticket.EventMailRejected), buildRejected)
	addEvent(r, &r.TicketUndelivered, "TicketUndelivered", "a message did not reach somebody, as a mail server reported", onType(ticket.EventUndelivered), buildMessaged)
	addEvent(r, &r.TicketDeliveryDead, "TicketDeliveryDead", "a delivery to a hook was given up", onType(ticket.EventDeliveryDead), buildDead)
	addEvent(r, &r.CatalogChanged, "CatalogChanged", "an entry of the catalogue was put or deleted", onType(ticket.EventCatalog), buildConfigured)
	addEvent(r, &r.SettingsChanged, "SettingsChanged", "the settings of one layer changed", onType(ticket.EventSettings), buildConfigured)
	addEvent(r, &r.PeopleChanged, "PeopleChanged", "a customer or an organisation was put, merged or deleted; names the fields only", onType(ticket.EventPeople), buildConfigured)
}

func (r *Registry) views() {
	addView(r, &r.TicketAdminAreaViewDetail, "TicketAdminAreaViewDetail", "on a ticket's page for staff").alias("AdminAreaViewTicketPage")
	addView(r, &r.TicketAdminAreaViewDetailSidebar, "TicketAdminAreaViewDetailSidebar", "in the sidebar of that page").alias("AdminAreaViewTicketPageSidebar")
	addView(r, &r.TicketAdminAreaViewCreate, "TicketAdminAreaViewCreate", "on the page where staff open a ticket")
	addView(r, &r.TicketAdminAreaViewCreateSidebar, "TicketAdminAreaViewCreateSidebar", "in the sidebar of that page")
	addView(r, &r.TicketAdminAreaViewList, "TicketAdminAreaViewList", "above the staff's list of tickets").alias("AdminSupportTicketPagePreTickets")
	addView(r, &r.TicketClientAreaViewDetailTop, "TicketClientAreaViewDetailTop", "at the top of a ticket's page for its customer")
	addView(r, &r.TicketClientAreaViewDetail, "TicketClientAreaViewDetail", "above the replies on that page").alias("ClientAreaPageViewTicket")
	addView(r, &r.TicketClientAreaViewCreate, "TicketClientAreaViewCreate", "on the page where a customer opens a ticket").alias("ClientAreaPageSubmitTicket")
	addView(r, &r.TicketClientAreaViewList, "TicketClientAreaViewList", "above the customer's list of tickets").alias("ClientAreaPageSupportTickets")
}
