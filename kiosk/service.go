package kiosk

// Action is one of the ten things that a booth can do for a resident. Services
// are made of actions; there are ten kinds of screens, not fifty.
type Action string

// The ten actions.
const (
	ActionInfo     Action = "info"
	ActionBook     Action = "book"
	ActionTicket   Action = "ticket"
	ActionRequest  Action = "request"
	ActionRegister Action = "register"
	ActionCheckIn  Action = "checkin"
	ActionLoan     Action = "loan"
	ActionCall     Action = "call"
	ActionSurvey   Action = "survey"
	ActionPrint    Action = "print"
)

// Actions lists all ten.
var actions = [...]Action{ActionInfo, ActionBook, ActionTicket, ActionRequest, ActionRegister,
	ActionCheckIn, ActionLoan, ActionCall, ActionSurvey, ActionPrint}

// Known reports whether a is one of the ten.
func (a Action) Known() bool {
	for _, k := range actions {
		if a == k {
			return true
		}
	}
	return false
}

// Built reports whether this program can carry the action through to its end. A
// service whose actions are not built is not offered.
func (a Action) Built() bool {
	switch a {
	case ActionInfo,
		ActionTicket,
		ActionLoan,
		ActionPrint,
		ActionCall,
		ActionSurvey,
		ActionRequest,
		ActionBook,
		ActionRegister,
		ActionCheckIn:
		return true
	}
	return false
}

// Files reports whether the action is a form that ends with a numbered slip. A
// service has at most one such action: its Form belongs to that.
func (a Action) Files() bool {
	switch a {
	case ActionRequest,
		ActionBook,
		ActionRegister,
		ActionLoan,
		ActionCheckIn,
		ActionSurvey:
		return true
	}
	return false
}

// Asks reports whether the action is a form, whether it ends with a numbered slip or
// with a paper that nothing is kept of.
func (a Action) Asks() bool { return a.Files() || a == ActionPrint }

// DataClass says how personal a service's data is.
type DataClass int

// The data classes.
const (
	DataNone      DataClass = 0 // nothing personal
	DataNickname  DataClass = 1 // nickname or surname and last four digits
	DataContact   DataClass = 2 // name and phone
	DataSensitive DataClass = 3 // health, whereabouts, hardship, minors: listed choices are sealed too
)

// Service is one service project of a function.
type Service struct {
	ID        string // "3.1"
	Icon      string
	Name      Text
	Summary   Text // one line: what you get
	Actions   []Action
	DataClass DataClass
	Hours     Text   // opening hours in words
	Info      *Info  // for ActionInfo
	Ticket    *Queue // for ActionTicket
	Call      *Call  // for ActionCall
	Form      *Form  // for the action that files
	Outcome   Text   // what happens next, shown on the confirmation and the slip
	Print     *Print // for ActionPrint: what stands on the paper beside the answers
	Route     string // who receives it: "community", "property", ... (a fact)
	Duty      *Duty  // for ActionCheckIn: who fills the form in is on duty from then on; only staff may
	Follow    bool   // it has no form of its own: it leads to the page that shows a receipt
}

// Does reports whether the service has the action, and the action is built and
// has what it needs.
func (s *Service) Does(a Action) bool {
	if !a.Built() {
		return false
	}
	for _, have := range s.Actions {
		if have == a {
			switch a {
			case ActionInfo:
				return s.Info != nil
			case ActionTicket:
				return s.Ticket != nil
			case ActionCall:
				return s.Call != nil
			case ActionCheckIn:
				return s.Form != nil && s.Duty != nil
			}
			return a.Asks() && s.Form != nil
		}
	}
	return false
}

// Filing returns the action that the service's form belongs to; ok is false where it
// has none that is built.
func (s *Service) Filing() (a Action, ok bool) {
	for _, a := range s.Actions {
		if a.Asks() && s.Form != nil && s.Does(a) {
			return a, true
		}
	}
	return "", false
}

// Open reports whether a resident can use the service today.
func (s *Service) Open() bool {
	for _, a := range s.Actions {
		if s.Does(a) {
			return true
		}
	}
	return s.Follow
}

// Info is a page to read, and the leaflet that is printed from it.
type Info struct {
	Sections []Section
	Source   Text   // who stands behind the words
	Updated  string // YYYY-MM-DD
	Notices  bool   // what the city has to say now stands above
}

// Section is a heading with its lines.
type Section struct {
	Heading Text
	Lines   []Text
}

// Call is a page with one large button that calls a person.
type Call struct {
	Asks   Text    // what the button says: "叫人过来"
	Phones []Phone // whom to ring beside that
}

// Queue is how tickets of a service are numbered.
type Queue struct {
	Prefix string // one or two letters A-Z, unique in the pack
	Where  Text   // where to wait
	Desk   Text   // where to go when called
	Limit  int    // most tickets a service day; 0 = no limit
}
