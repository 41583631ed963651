// Render makes the clips that the residents' pages lack and keeps the list of them.
// It is a tool of whoever keeps the words, not part of the booth:
//
//	go run ./web/voice/render                        what the program's own set lacks
//	go run ./web/voice/render --pack DIR --into DIR  the clips of a city's content pack
//	go run ./web/voice/render --leaflets --into DIR  with the leaflets in every language
//	go run ./web/voice/render --engine cmd --cmd 'say-it --voice {lang} --out {wav}'
//	go run ./web/voice/render --take recording.wav --lang zh --text '您想办什么事？' --by '王老师'
//
// espeak-ng is the first engine; any program that reads a text from its standard
// input and writes a WAV file takes its place. What a person has recorded (--take)
// replaces an engine's clip and is never replaced by one. Clips of words that are
// gone are removed. Needs opusenc (opus-tools), and espeak-ng for that engine.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"redstation/kiosk"
	"redstation/kiosk/catalog"
	"redstation/web/locale"
	"redstation/web/voice"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "render:", err)
		os.Exit(1)
	}
}

// options are the tool's flags.
type options struct {
	into, pack, engine, cmd string
	kbit                    int
	jobs                    int
	again, leaflets         bool
	take, lang, text, by    string
}

func run(ctx context.Context, args []string) error {
	var o options
	flags := flag.NewFlagSet("render", flag.ContinueOnError)
	flags.StringVar(&o.into, "into", "web/voice/clips", "the `folder` of the set")
	flags.StringVar(&o.pack, "pack", "", "a content pack's `folder` in the place of the default one; its clips alone are made")
	flags.StringVar(&o.engine, "engine", "espeak-ng", "who speaks: espeak-ng, or cmd for the program of --cmd")
	flags.StringVar(&o.cmd, "cmd", "", "a `command line` with {lang} and {wav} that reads the text from its standard input")
	flags.IntVar(&o.kbit, "kbit", 10, "kbit/s of a clip, 6 to 24")
	flags.IntVar(&o.jobs, "jobs", 2, "how many at a time")
	flags.BoolVar(&o.again, "again", false, "make the engine's clips anew")
	flags.BoolVar(&o.leaflets, "leaflets", false, "in every language: the program's own set has them in Chinese only, for its size")
	flags.StringVar(&o.take, "take", "", "take this recording (a `file` that opusenc reads) for --lang and --text")
	flags.StringVar(&o.lang, "lang", "", "the recording's language")
	flags.StringVar(&o.text, "text", "", "what it says")
	flags.StringVar(&o.by, "by", "", "who speaks")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if o.kbit < 6 || o.kbit > 24 {
		return fmt.Errorf("--kbit %d: want 6 to 24", o.kbit)
	}
	if err := os.MkdirAll(o.into, 0o755); err != nil {
		return err
	}
	list, err := voice.ReadManifest(os.DirFS(o.into))
	if err != nil {
		return err
	}
	if o.take != "" {
		return takeRecording(ctx, o, list)
	}
	return renderMissing(ctx, o, list)
}

// takeRecording puts a person's recording in the place of whatever said the text.
func takeRecording(ctx context.Context, o options, list voice.Manifest) error {
	by := voice.Person
	if o.by != "" {
		by += ": " + o.by
	}
	e := voice.Entry{Text: voice.Text{Lang: kiosk.Lang(o.lang), Text: strings.Join(strings.Fields(o.text), " ")}, By: by}
	if o.lang == "" || e.Text.Text == "" || strings.ContainsAny(by, "\t\n") {
		return fmt.Errorf("--take wants --lang and --text")
	}
	if err := encode(ctx, o.take, filepath.Join(o.into, e.ID().File()), max(o.kbit, 24)); err != nil {
		return err
	}
	list[e.ID()] = e
	fmt.Println(e.ID().File())
	return write(o.into, list)
}

// renderMissing makes what the set lacks and removes what nothing says any more.
func renderMissing(ctx context.Context, o options, list voice.Manifest) error {
	say, name, err := chooseEngine(ctx, o)
	if err != nil {
		return err
	}
	texts, err := wanted(o)
	if err != nil {
		return err
	}
	if err := sweep(o.into, list, texts); err != nil {
		return err
	}
	var (
		wait  sync.WaitGroup
		mu    sync.Mutex
		wrong error
		made  int
		gate  = make(chan struct{}, max(o.jobs, 1))
	)
	for _, t := range texts {
		if e, have := list[t.ID()]; have && (e.Human() || !o.again) {
			continue
		}
		gate <- struct{}{}
		if mu.Lock(); wrong != nil || ctx.Err() != nil {
			mu.Unlock()
			break
		}
		mu.Unlock()
		wait.Go(func() {
			defer func() { <-gate }()
			err := renderOne(ctx, o, t, say)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				wrong = fmt.Errorf("%s %q: %w", t.Lang, t.Text, err)
				return
			}
			list[t.ID()] = voice.Entry{Text: t, By: name}
			made++
		})
	}
	wait.Wait()
	if err := write(o.into, list); err != nil {
		return err
	}
	fmt.Printf("made %d clips, %d in the set\n", made, len(list))
	return wrong
}

// wanted returns the texts that the set should say. A city's set need not say again
// what the program's own does.
func wanted(o options) ([]voice.Text, error) {
	words, err := locale.Load(locale.Shared())
	if err != nil {
		return nil, err
	}
	if o.pack == "" {
		c, err := catalog.Default()
		if err != nil {
			return nil, err
		}
		long := voice.Leaflets(c)
		return slices.DeleteFunc(voice.Texts(words, c), func(t voice.Text) bool {
			return long[t.ID()] && t.Lang != kiosk.Chinese && !o.leaflets
		}), nil
	}
	c, err := catalog.Load(os.DirFS(o.pack))
	if err != nil {
		return nil, err
	}
	own, err := voice.ReadManifest(voice.Clips())
	if err != nil {
		return nil, err
	}
	var texts []voice.Text
	for _, t := range voice.Texts(words, c) {
		if _, have := own[t.ID()]; !have {
			texts = append(texts, t)
		}
	}
	return texts, nil
}

// sweep removes the engines' clips whose words are gone, and lines without a file. What
// a person said stays: the word may come back.
func sweep(into string, list voice.Manifest, texts []voice.Text) error {
	wanted := map[voice.ID]bool{}
	for _, t := range texts {
		wanted[t.ID()] = true
	}
	for id, e := range list {
		path := filepath.Join(into, id.File())
		if _, err := os.Stat(path); err != nil {
			delete(list, id)
			continue
		}
		if !wanted[id] && !e.Human() {
			if err := os.Remove(path); err != nil {
				return err
			}
			delete(list, id)
		}
	}
	return nil
}

func renderOne(ctx context.Context, o options, t voice.Text, say engine) error {
	dir, err := os.MkdirTemp("", "voice")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	wav := filepath.Join(dir, "clip.wav")
	if err := say(ctx, t.Lang, spoken(t), wav); err != nil {
		return err
	}
	return encode(ctx, wav, filepath.Join(o.into, t.ID().File()), o.kbit)
}

// encode makes Ogg Opus of a recording. What opusenc would add of itself (padding, its
// name, a serial number by chance) is left out: the same sound is the same file.
func encode(ctx context.Context, from, to string, kbit int) error {
	part := to + ".part"
	defer os.Remove(part)
	out, err := exec.CommandContext(ctx, "opusenc", "--quiet", "--speech", "--downmix-mono", "--bitrate", fmt.Sprint(kbit), "--framesize", "60",
		"--comp", "10", "--padding", "0", "--serial", "1", "--discard-comments", "--discard-pictures", from, part).CombinedOutput()
	if err != nil {
		return fmt.Errorf("opusenc: %w: %s", err, out)
	}
	return os.Rename(part, to)
}

func write(into string, list voice.Manifest) error {
	path := filepath.Join(into, voice.ManifestFile)
	f, err := os.Create(path + ".part")
	if err != nil {
		return err
	}
	if err := list.Write(f); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}
