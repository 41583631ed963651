package kiosk

// Thing is one kind of thing that booths lend: umbrellas, hammers, books.
type Thing struct {
	ID   string
	Icon string
	Name Text
	// Code stands on the asset tags of this kind, 10 to 99; no other kind of the pack
	// has it, and it does not change while tags with it are about.
	Code  int
	Days  int            // for how long it is lent
	Count int            // how many a booth has where At says nothing
	At    map[string]int // by booth
}

// Owned returns how many of them belong to the booth.
func (t *Thing) Owned(booth string) int {
	if n, ok := t.At[booth]; ok {
		return n
	}
	return t.Count
}

// Thing returns the kind of thing with that id.
func (f *Field) Thing(id string) (*Thing, bool) {
	for i := range f.Things {
		if f.Things[i].ID == id {
			return &f.Things[i], true
		}
	}
	return nil, false
}

// Things returns the question of the form that chooses a thing, nil where there is none.
func (f *Form) Things() *Field {
	for i := range f.Fields {
		if f.Fields[i].Kind == FieldItem {
			return &f.Fields[i]
		}
	}
	return nil
}

// Lending lists the services that lend something now, in the order of the pack.
func (c *Catalogue) Lending() []*Service {
	var all []*Service
	for i := range c.Functions {
		for j := range c.Functions[i].Services {
			if s := &c.Functions[i].Services[j]; s.Does(ActionLoan) && s.Form.Things() != nil {
				all = append(all, s)
			}
		}
	}
	return all
}

// Thing returns the kind of thing that has the code, and the service that lends it.
func (c *Catalogue) Thing(code int) (*Thing, *Service, bool) {
	for _, s := range c.Lending() {
		things := s.Form.Things().Things
		for i := range things {
			if things[i].Code == code {
				return &things[i], s, true
			}
		}
	}
	return nil, nil, false
}

// ThingNamed returns the kind of thing that a service lends under that id.
func (c *Catalogue) ThingNamed(service, id string) (*Thing, bool) {
	s, _, ok := c.Service(service)
	if !ok || s.Form == nil || s.Form.Things() == nil {
		return nil, false
	}
	return s.Form.Things().Thing(id)
}
