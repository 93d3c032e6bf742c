package rules

// Stages is what has stages fire.
var Stages = (*Rules).stages
