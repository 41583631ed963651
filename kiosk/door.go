package kiosk

// DoorEvent is what the door's contact tells, after debouncing.
type DoorEvent string

// The door events. One contact cannot tell who went in or out.
const (
	DoorOpened   DoorEvent = "opened"
	DoorClosed   DoorEvent = "closed"
	DoorLeftOpen DoorEvent = "left_open" // open longer than the booth's limit; said once per opening
)
