package kiosk

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
)

// Setting names one thing that staff set at the booth itself. Names are stored and
// are append-only; a name that this program does not know is left as it is.
type Setting string

// The settings.
const (
	SettingLanguage Setting = "language"  // of a fresh screen: "zh", "en"
	SettingDiagonal Setting = "diagonal"  // of the panel, in inches: "10.1"
	SettingPIN      Setting = "pin"       // the staff's PIN, hashed
	SettingFirstRun Setting = "first_run" // "begun", then "done" once the booth has been set up
	SettingVolume   Setting = "volume"    // of reading aloud, in percent: "75"
	SettingPhone    Setting = "phone"     // of whoever is on duty for this booth: digits
)

// secret reports whether the value must stand in no record.
func (s Setting) secret() bool { return s == SettingPIN || s == SettingPhone }

// SettingBook keeps what staff set.
type SettingBook interface {
	// Settings returns what was set, as it was stored.
	Settings(ctx context.Context) (map[Setting]string, error)
	// ChangeSetting stores one setting with its record. A new PIN also ends a
	// lock-out that wrong ones have brought about.
	ChangeSetting(ctx context.Context, name Setting, value string, record Draft) error
}

// Settings are what staff have set. The zero value is a booth on which nobody has
// set anything.
type Settings struct {
	Language Lang    // Chinese where none is set
	Diagonal float64 // inches; 0 = not set
	Phone    string  // to ring whoever is on duty for this booth; "" = not set
	PIN      bool    // there is a PIN for staff
	Begun    bool    // somebody has begun to set the booth up on the screen
	FirstRun bool    // the booth has been set up
	Touched  bool    // something has been set
	Volume   int     // of reading aloud, percent; 0 = it is off
	pin      string  // its hash
}

// usualVolume is what nobody has set, in percent.
const usualVolume = 75

// Volumes lists the steps that staff choose from, in percent.
func Volumes() []int { return []int{0, 25, 50, 75, 100} }

// The values of a setting that only says how far something is.
const (
	settingBegun = "begun"
	settingDone  = "done"
)

// The panels that there are, in inches.
const (
	smallestPanel = 5
	largestPanel  = 100
)

// readSettings makes sense of what the book holds. A value that makes none counts
// as not set: the booth must start.
func readSettings(stored map[Setting]string) Settings {
	s := Settings{Language: Lang(stored[SettingLanguage]), pin: stored[SettingPIN], Phone: stored[SettingPhone], Begun: stored[SettingFirstRun] != "",
		FirstRun: stored[SettingFirstRun] == settingDone, Touched: len(stored) > 0}
	if !slices.Contains(Langs(), s.Language) {
		s.Language = Chinese
	}
	if d, err := strconv.ParseFloat(stored[SettingDiagonal], 64); err == nil && d >= smallestPanel && d <= largestPanel {
		s.Diagonal = d
	}
	s.Volume = usualVolume
	if v, err := strconv.Atoi(stored[SettingVolume]); err == nil && slices.Contains(Volumes(), v) {
		s.Volume = v
	}
	s.PIN = s.pin != ""
	return s
}

// Settings returns what staff have set.
func (b *Booth) Settings() Settings { return readSettings(b.settings.stored()) }

// SetLanguage sets the language of a fresh screen. The error has CodeInvalid for
// one that the screens do not speak.
func (b *Booth) SetLanguage(ctx context.Context, l Lang) error {
	if !slices.Contains(Langs(), l) {
		return Errorf(CodeInvalid, "error.choice", "language %q: the screens speak %v", l, Langs())
	}
	return b.changeSetting(ctx, SettingLanguage, string(l))
}

// SetDiagonal sets the panel's diagonal in inches, on which every size on the
// screen depends. The error has CodeInvalid for a panel that cannot be.
func (b *Booth) SetDiagonal(ctx context.Context, inches float64) error {
	if !(inches >= smallestPanel && inches <= largestPanel) {
		return Errorf(CodeInvalid, "error.diagonal", "diagonal of %v inches: want %d to %d", inches, smallestPanel, largestPanel)
	}
	return b.changeSetting(ctx, SettingDiagonal, strconv.FormatFloat(inches, 'f', -1, 64))
}

// SetVolume sets how loud pages are read aloud, in percent; 0 turns it off. The error
// has CodeInvalid for what is no step of Volumes.
func (b *Booth) SetVolume(ctx context.Context, percent int) error {
	if !slices.Contains(Volumes(), percent) {
		return Errorf(CodeInvalid, "error.choice", "volume of %d %%: want one of %v", percent, Volumes())
	}
	return b.changeSetting(ctx, SettingVolume, strconv.Itoa(percent))
}

// SetPhone sets the number under which whoever is on duty for this booth is reached;
// "" takes it away. The error has CodeInvalid for a number that is none.
func (b *Booth) SetPhone(ctx context.Context, number string) error {
	if number = digits(number); number != "" && !phonePattern.MatchString(number) {
		return Errorf(CodeInvalid, "error.phone", "the phone number does not look like one of mainland China")
	}
	return b.changeSetting(ctx, SettingPhone, number)
}

// SetPIN sets the staff's PIN. The error has CodeInvalid, with the key
// error.pin_short for one that is not 6 to 12 digits and error.pin_simple for one
// that anybody would guess.
func (b *Booth) SetPIN(ctx context.Context, pin string) error {
	if err := CheckPIN(pin); err != nil {
		return err
	}
	return b.changeSetting(ctx, SettingPIN, HashPassword(pin))
}

// BeginFirstRun notes that somebody sets the booth up, so that this goes on after a
// power cut, whatever has been set by then.
func (b *Booth) BeginFirstRun(ctx context.Context) error {
	if b.Settings().Begun {
		return nil
	}
	return b.changeSetting(ctx, SettingFirstRun, settingBegun)
}

// FinishFirstRun notes that the booth has been set up. The error has CodeConflict
// while there is no PIN: whoever came next could set one.
func (b *Booth) FinishFirstRun(ctx context.Context) error {
	if !b.Settings().PIN {
		return Errorf(CodeConflict, "error.pin_first", "the booth has no PIN yet")
	}
	return b.changeSetting(ctx, SettingFirstRun, settingDone)
}

// changeSetting stores one setting, with a record that names it, and its value
// where that is no secret. What is set already is not written again.
func (b *Booth) changeSetting(ctx context.Context, name Setting, value string) error {
	b.settings.changing.Lock()
	defer b.settings.changing.Unlock()
	stored := b.settings.stored()
	if stored[name] == value {
		return nil
	}
	facts := struct {
		Name  Setting `json:"name"`
		Value string  `json:"value,omitempty"`
	}{Name: name}
	if !name.secret() {
		facts.Value = value
	}
	d, err := b.draft(KindSettingChanged, b.clock.Read(), facts)
	if err != nil {
		return err
	}
	if err := b.book.ChangeSetting(ctx, name, value, d); err != nil {
		return err
	}
	changed := map[Setting]string{name: value}
	for n, v := range stored {
		if n != name {
			changed[n] = v
		}
	}
	b.settings.now.Store(&changed)
	return nil
}

// settings is what the booth keeps of them in memory: pages read it at every turn.
type settings struct {
	changing sync.Mutex
	now      atomic.Pointer[map[Setting]string] // replaced, never changed
}

func (s *settings) stored() map[Setting]string {
	if m := s.now.Load(); m != nil {
		return *m
	}
	return nil
}
