package kiosk

// Family groups functions by colour, so that a place is remembered by colour,
// number and icon without reading.
type Family string

// The families.
const (
	Civic  Family = "civic"  // policy, guidance, worries, housing
	Advice Family = "advice" // law, health, learning
	People Family = "people" // anti-wandering, volunteers
	Daily  Family = "daily"  // household, mutual aid, rest and help
)

// Function is one of the twelve tiles of the home screen.
type Function struct {
	Number   int // 1 to 12: its place on the screen and the first part of its services' ids
	Icon     string
	Family   Family
	Tile     Text // at most six Chinese characters
	Name     Text
	Services []Service
}

// Catalogue is what a booth offers: the functions in their order, the places that
// a resident can name, and the name and version of the pack that it was read from.
type Catalogue struct {
	Name      Text
	City      Text
	Version   string
	Languages []Lang // in which every text of the pack is there
	Functions []Function
	Places    []Place // communities or grid cells that a form may ask for
	Offices   []Place // who receives what is filed: what a service's route may name
}

// Place is a listed place: coarse enough to be a fact (no finer than a grid cell).
type Place struct {
	ID   string
	Name Text
}

// Function returns the function with that number.
func (c *Catalogue) Function(number int) (*Function, bool) {
	for i := range c.Functions {
		if c.Functions[i].Number == number {
			return &c.Functions[i], true
		}
	}
	return nil, false
}

// Service returns the service with that id ("3.1") and its function.
func (c *Catalogue) Service(id string) (*Service, *Function, bool) {
	for i := range c.Functions {
		f := &c.Functions[i]
		for j := range f.Services {
			if f.Services[j].ID == id {
				return &f.Services[j], f, true
			}
		}
	}
	return nil, nil, false
}

// Office returns what the office of that id is called. The four levels have names of
// their own where the pack gives none; any other that it does not name is "".
func (c *Catalogue) Office(id string) Text {
	for _, o := range c.Offices {
		if o.ID == id {
			return o.Name
		}
	}
	switch id {
	case "community":
		return Text{Chinese: "社区", English: "Community", Korean: "사구"}
	case "street":
		return Text{Chinese: "街道", English: "Street office", Korean: "가도"}
	case "district":
		return Text{Chinese: "区", English: "District", Korean: "구"}
	case "city":
		return Text{Chinese: "市", English: "City", Korean: "시"}
	}
	return nil
}
