package main

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strings"

	"redstation/kiosk"
	"redstation/web/voice"
)

// engine writes a WAV file in which a text is said.
type engine func(ctx context.Context, lang kiosk.Lang, text, wav string) error

// chooseEngine returns the engine and what the list calls it.
func chooseEngine(ctx context.Context, o options) (engine, string, error) {
	switch o.engine {
	case "espeak-ng":
		version, err := exec.CommandContext(ctx, "espeak-ng", "--version").Output()
		if err != nil {
			return nil, "", fmt.Errorf("espeak-ng (package espeak-ng): %w", err)
		}
		name := o.engine
		if m := regexp.MustCompile(`\d+\.\d+(\.\d+)?`).Find(version); m != nil {
			name += " " + string(m)
		}
		return espeak, name, nil
	case "cmd":
		line := strings.Fields(o.cmd)
		if len(line) == 0 || !strings.Contains(o.cmd, "{wav}") {
			return nil, "", fmt.Errorf("--engine cmd wants --cmd with {wav} in it")
		}
		return func(ctx context.Context, lang kiosk.Lang, text, wav string) error {
			args := make([]string, len(line))
			for i, arg := range line {
				args[i] = strings.NewReplacer("{lang}", string(lang), "{wav}", wav).Replace(arg)
			}
			return pipe(ctx, text, args...)
		}, line[0], nil
	}
	return nil, "", fmt.Errorf("--engine %q: want espeak-ng or cmd", o.engine)
}

// voices are espeak-ng's names and words a minute, slower than its usual 175: the
// listeners are old.
var voices = map[kiosk.Lang][2]string{
	kiosk.Chinese: {"cmn", "160"},
	kiosk.English: {"en-gb", "155"},
	kiosk.Korean:  {"ko", "160"},
}

func espeak(ctx context.Context, lang kiosk.Lang, text, wav string) error {
	v, ok := voices[lang]
	if !ok {
		return fmt.Errorf("no voice for %s", lang)
	}
	return pipe(ctx, text, "espeak-ng", "-v", v[0], "-s", v[1], "-w", wav, "--stdin")
}

func pipe(ctx context.Context, text string, line ...string) error {
	c := exec.CommandContext(ctx, line[0], line[1:]...)
	c.Stdin = strings.NewReader(text)
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", line[0], err, out)
	}
	return nil
}

var (
	hotline = regexp.MustCompile(`(?:到|to |~)?\b(?:110|119|120|122|1[0-9]{4}|9[0-9]{4})\b`)
	foreign = regexp.MustCompile(`\p{Han}+`)
	marks   = regexp.MustCompile(`[“”‘’《》「」"]`)
	pauses  = regexp.MustCompile(`\s*[·…—/]+\s*`)
	chinese = strings.NewReplacer("1", "幺 ", "0", "零 ", "2", "二 ", "3", "三 ", "4", "四 ", "5", "五 ", "6", "六 ", "7", "七 ", "8", "八 ", "9", "九 ")
)

// spoken is a text as an engine should get it: numbers of telephones digit by digit,
// marks that only the eye needs left out, and no characters that the voice cannot read.
func spoken(t voice.Text) string {
	text := marks.ReplaceAllString(t.Text, " ")
	text = pauses.ReplaceAllString(text, ", ")
	if t.Lang != kiosk.Chinese {
		text = foreign.ReplaceAllString(text, " ")
	}
	text = hotlines(t.Lang, text)
	if strings.TrimSpace(text) == "" {
		return t.Text
	}
	return text
}

// hotlines spells the numbers of telephones: the four of emergencies, and five digits
// that begin with 1 or 9. In Chinese their 1 is yao. The end of a range ("100 to 120
// times a minute") is a number.
func hotlines(lang kiosk.Lang, text string) string {
	return hotline.ReplaceAllStringFunc(text, func(n string) string {
		switch {
		case n[0] < '0' || n[0] > '9':
			return n
		case lang == kiosk.Chinese:
			return chinese.Replace(n)
		}
		return strings.Join(strings.Split(n, ""), " ")
	})
}
