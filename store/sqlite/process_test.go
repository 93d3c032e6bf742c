package sqlite_test

const childVariable = "HELPDESK_SQLITE_CHILD"

var children = map[string]func(){}
