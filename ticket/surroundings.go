package ticket

// Surroundings are what the catalogue and the settings say of one ticket. What has been taken out of the catalogue since
// is zero but for its code.
type Surroundings struct {
	Settings   Settings
	Brand      Brand
	Department Department
	Status     Status
	Priority   Priority
	Fields     []Field
}
