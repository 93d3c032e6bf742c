// Package rights decides who may do what with tickets: staff by the grants of their roles, customers by what they requested
// or take part in. For each it says the same twice: of one ticket, with the reason, and as the scope of a list. It is pure;
// who somebody is, and what the settings have against them, is for others to find out.
package rights
